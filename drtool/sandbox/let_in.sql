SET SESSION sql_mode = '';
CREATE OR REPLACE USER {account}@localhost IDENTIFIED BY PASSWORD '{hash}';
GRANT ALL PRIVILEGES ON *.* TO {account}@localhost WITH GRANT OPTION;
