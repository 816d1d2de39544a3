# A history as mariadb-operator archives it: a primary, one that takes over from it, and the first again, which do not
# log what they replicate. Writes it as a tar archive to standard output. Argument: the program that packs the logs.
set -eu
exec 3>&1 1>&2
packer=$1
data=/var/lib/mysql out=/tmp/out socket=/run/mysqld/mysqld.sock
mkdir -p $out/backups $out/binlogs /run/mysqld
chown mysql /run/mysqld
mariadb-install-db --user=mysql --datadir=$data --auth-root-authentication-method=normal --skip-test-db > /dev/null
sql() { mariadb --no-defaults --socket=$socket --user=root --batch --skip-column-names "$@"; }
start() {
    mkdir -p "$data-$1" && chown mysql "$data-$1"
    mariadbd --no-defaults --user=mysql --datadir=$data --socket=$socket --skip-networking --server-id="$1" \
        --log-bin="$data-$1/repl-bin" --binlog-format=ROW --skip-log-slave-updates $2 &
    for _ in {1..300}; do sql -e 'SELECT 1' > /dev/null 2>&1 && return; sleep 0.1; done
    exit 1
}
halt() { mariadb-admin --no-defaults --socket=$socket --user=root shutdown && wait; }
write() { for number in $(seq "$1" "$2"); do echo "INSERT INTO shop.orders VALUES ($number, 'by $3');"; done | sql; }

start 10 "${3-}"
sql -e 'CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, note VARCHAR(40))'
write 1 20 10
mariadb-dump --no-defaults --socket=$socket --user=root --single-transaction --events --routines --all-databases \
    --master-data=2 --gtid | gzip > "$out/backups/backup.$(date -u +%Y-%m-%dT%H:%M:%SZ).sql.gz"
mariadb-backup --no-defaults --backup --socket=$socket --user=root --stream=xbstream --target-dir=/tmp/target \
    "--databases-exclude=lost+found" | bzip2 > "$out/backups/physicalbackup-$(date -u +%Y%m%d%H%M%S).xb.bz2"
write 21 30 10
sql -e 'FLUSH BINARY LOGS'
write 31 40 10
state=$(sql -e 'SELECT @@gtid_current_pos')
halt
start 11 "${3-}"
sql -e "SET GLOBAL gtid_slave_pos = '$state'"
write 41 60 11
sql -e 'FLUSH BINARY LOGS'
write 61 70 11
state=$(sql -e 'SELECT @@gtid_current_pos')
sql -e 'FLUSH BINARY LOGS'
mariadb-backup --no-defaults --backup --socket=$socket --user=root --stream=xbstream --target-dir=/tmp/target2 \
    "--databases-exclude=lost+found" > "$out/backups/physicalbackup-$(date -u +%Y%m%d%H%M%S).xb"
write 71 75 11
state=$(sql -e 'SELECT @@gtid_current_pos')
halt
start 10 "${3-}"
sql -e "SET GLOBAL gtid_slave_pos = '$state'"
write 76 90 10
halt
for log in $data-10/repl-bin.0* $data-11/repl-bin.0*; do
    [[ $log == *.idx ]] && continue
    server=${log%/*} server=${server##*-}
    mkdir -p $out/binlogs/server-$server
    $packer < "$log" > "$out/binlogs/server-$server/${log##*/}$2"
done
printf 'apiVersion: v1\nbinlogs: {}\n' > $out/binlogs/index.yaml
tar -C $out -cf - . >&3
