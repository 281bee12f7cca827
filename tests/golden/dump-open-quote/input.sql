# a dump by hand, it's not from any program
CREATE TABLE notes (id int, text varchar(40));
INSERT INTO notes VALUES (1, "it's"), (2, 'never closed), (3, 'x');
INSERT INTO notes VALUES (4, 'y');
CREATE TABLE behind (id int, made date, n int);
INSERT INTO behind VALUES (1, DATE '2024-02-29', 'one'), (2, now(), ARRAY[1, 2]);
INSERT INTO behind SET id = 3;
