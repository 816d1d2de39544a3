# Starts a MariaDB server over the data folder of a volume, which is made first where it is empty; behind zones.sh.
# Arguments: the volume, a file to wait for (or nothing), then the server's options.
# Data and temporary tables lie side by side on the volume: the root is read-only and /tmp is small.
# The server's log goes to the container's log, which ends with the container.
# An empty data folder takes its page size and the layout of its files from the options of the server to come.
set -e
until [ -z "$2" ] || [ -e "$2" ]; do sleep 0.02; done
layout=()
for option in "${@:3}"; do
    plain=${option//-/_}
    case ${plain/#__loose_/__} in
        __innodb_page_size=* | __innodb_data_file_path=* | __innodb_undo_tablespaces=* | \
            __innodb_checksum_algorithm=* | __lower_case_table_names=*) layout+=("$option") ;;
    esac
done
mkdir -p "$1/data" "$1/tmp"
made=''
[ -d "$1/data/mysql" ] || made=yes
[ -z "$made" ] || zones_into /run/mysqld &
[ -z "$made" ] || mariadb-install-db --no-defaults --datadir="$1/data" \
    --auth-root-authentication-method=normal --skip-test-db "${layout[@]}" > /tmp/install.log 2>&1 ||
    { grep ERROR /tmp/install.log >&2 || tail -n 5 /tmp/install.log >&2; exit 1; }
wait
volume=$1
shift 2
# A folder that was laid out from one that is kept has them already.
if [ -n "$made" ] && [ -s /run/mysqld/zones.sql ] && [ "$(stat -c %s "$volume/data/mysql/time_zone_name.MAD")" -le 8192 ]; then
    set -- "$@" --init-file=/run/mysqld/zones.sql
fi
exec mariadbd "$@" --datadir="$volume/data" --tmpdir="$volume/tmp"
