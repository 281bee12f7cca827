// Before the first paint: the theme that was chosen, so that the page does not flash in the other.
try {
  const { theme } = localStorage;
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be denied: the system's theme then.
}
