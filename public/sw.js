const program = { version: "dev", files: [] };
