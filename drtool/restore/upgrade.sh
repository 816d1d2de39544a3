# Upgrades a server over its socket; its status is that of the program, whose last lines are said, cut short.
# Arguments: the socket, the account, then options.
program=$(command -v mariadb-upgrade || command -v mysql_upgrade)
"$program" --no-defaults --socket="$1" --user="$2" "${@:3}" 2>&1 | cut -c 1-300 | tail -n 5000
exit "${PIPESTATUS[0]}"
