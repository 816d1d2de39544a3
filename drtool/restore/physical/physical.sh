# Works on a physical MariaDB backup that lies in a folder of a sandbox container. Prints facts, one a line.
# Arguments: what to do, the folder, then what that takes.
set -u
task=$1 folder=$2
shift 2

# What the tool calls its files depends on its version.
own_file() {
    local prefix
    for prefix in mariadb_backup_ xtrabackup_; do
        if [[ -f $folder/$prefix$1 && ! -L $folder/$prefix$1 ]]; then
            echo "$folder/$prefix$1"
            return
        fi
    done
}
say() {
    local name=$1 file=$2
    if [[ -n $file && -f $file && ! -L $file ]]; then
        head -c 16384 "$file" | tr -d '\0\r' | sed -e "s/^/$name /" -e '$a\'
    fi
}

case $task in
    facts)
        say checkpoints "$(own_file checkpoints)"
        say info "$(own_file info)"
        say binlog "$(own_file binlog_info)"
        say replicated "$(own_file slave_info)"
        # What was left out on purpose; the rest of the command line may hold a password.
        sed -n 's/^tool_command = / /p' "$(own_file info)" 2> /dev/null |
            grep -aoE -- ' --(databases|tables)(-file|-exclude)?[= ][^ ]*' | head -n 100 | sed 's/^ --/chosen /; s/=/ /'
        say options "$folder/backup-my.cnf"
        if [[ -f $folder/ib_logfile0 ]]; then
            # Its format, the LSN that it begins at and its size (storage/innobase/include/log0log.h).
            echo "log $(od -A n -c -N 4 "$folder/ib_logfile0" | tr -d ' ')" \
                "$(od -A n -t u8 --endian=big -j 8 -N 8 "$folder/ib_logfile0" | tr -d ' ')" "$(stat -c %s "$folder/ib_logfile0")"
        fi
        [[ -d $folder/mysql ]] && echo "accounts yes"
        # The system tablespace, of which an increment has what has changed.
        IFS=';' read -ra spaces < <(sed -n 's/^innodb_data_file_path=//p' "$folder/backup-my.cnf" 2> /dev/null | head -n 1 | grep . || echo ibdata1)
        for name in "${spaces[@]%%:*}"; do
            [[ $name == */* || -e $folder/$name || -e $folder/$name.delta ]] || echo "lacks ${name//[^ -~]/?}"
        done
        find "$folder" -type l -printf '%P\0' | tr '\n\0' '?\n' | LC_ALL=C sort | head -n 1000 | sed 's/[^ -~]/?/g; s/^/link /'
        # What may be left of a transfer; names decide.
        find "$folder" -type f \( -name '.*' -o -name '*~' -o -iname '*.*part*' -o -iname '*.t*mp*' -o -iname '*.*load*' \
            -o -iname '*.in*' -o -iname '*.unfinished' \) -printf '%P\0' | tr '\n\0' '?\n' | LC_ALL=C sort | head -n 1000 | sed 's/[^ -~]/?/g; s/^/left /'
        # What a server keeps in its data folder and mariadb-backup never copies comes as arguments.
        for name in "$@"; do
            [[ -f $folder/$name && -f $folder/ibdata1 ]] && echo "server yes"
        done
        [[ -s $folder/innodb_corrupted_pages ]] && echo "corrupted yes"
        # Decompressed by mariadb-backup, they lie there both ways.
        while IFS= read -r -d '' packed; do
            [[ -f ${packed%.*} ]] || { echo "compressed yes" && break; }
        done < <(find "$folder" \( -name '*.qp' -o -regex '.*/\(ibdata1\|.*\.\(ibd\|frm\)\)\.\(gz\|zst\|xz\|bz2\|lz4\)' \) -print0)
        while IFS= read -r -d '' closed; do
            [[ -f ${closed%.*} ]] || { echo "encrypted yes" && break; }
        done < <(find "$folder" -name '*.xbcrypt' -print0)
        # Folders of databases without what makes the whole: no tool of backups leaves that.
        [[ -z $(own_file checkpoints)$(own_file info) && ! -f $folder/ibdata1 && -n $(find "$folder" -type f -name '*.frm' -print -quit) ]] && echo "server yes"
        ;;
    version)
        echo "version $(mariadbd --no-defaults --version 2> /dev/null | sed -n 's/.*Ver \([^ ]*\).*/\1/p')"
        ;;
    digest)
        cd "$folder" && echo "sha256 $(find . -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 -r sha256sum | sha256sum | cut -c 1-64)"
        ;;
    settle)
        # An archive may hold the backup's folder, or a path to it, and not what is in it alone.
        mapfile -d '' described < <(find "$folder" -maxdepth 12 -type f \( -name xtrabackup_checkpoints -o \
            -name mariadb_backup_checkpoints \) -print0)
        if ((${#described[@]} > 1)); then
            printf 'several %q\n' "${described[@]#"$folder"/}"
        fi
        found=$(find "$folder" -mindepth 2 -maxdepth 12 -type f \( -name xtrabackup_checkpoints -o \
            -name mariadb_backup_checkpoints -o -name ibdata1 \) -print -quit)
        if [[ -n $found && -z $(own_file checkpoints) ]]; then
            mv "${found%/*}" "$folder.found" && rm -rf "$folder" && mv "$folder.found" "$folder"
        fi
        ;;
    part)
        # Of a database of which some tables alone were unpacked the triggers of the others are in the way.
        while IFS= read -r -d '' file; do
            table=$(sed -nE 's/^trigger_table=([A-Za-z0-9_]+)$/\1/p' "$file" | head -n 1)
            [[ -n $table && ! -f ${file%/*}/$table.frm ]] && rm -f "$file"
        done < <(find "$folder" -mindepth 2 -maxdepth 2 -type f -name '*.TRN' -print0)
        # A table that was renamed while the backup ran has its file under the older name, and its definition under the newer one.
        while IFS= read -r -d '' file; do
            [[ -f ${file%.ren}.ibd ]] && continue
            renamed=$(head -c 400 "$file" | tr -d '\0\n')
            [[ $renamed =~ ^[^/.]+/[^/.]+$ && -f $folder/${renamed%%#*}.frm ]] && printf 'renamed %q\n' "$renamed"
            rm -f "$file"
            rmdir "${file%/*}" 2> /dev/null
        done < <(find "$folder" -mindepth 2 -maxdepth 2 -type f -name '*.ren' -print0)
        ;;
    prepare)
        # The tool reads its options from the backup itself: it gets those that were understood, and no others.
        temporary=$1 increment=$2
        shift 2
        for place in "$folder" ${increment:+"$increment"}; do
            rm -f "$place/backup-my.cnf"
            printf '%s\n' '[mysqld]' "$@" > "$place/backup-my.cnf"
        done
        mkdir -p "$temporary"
        mariadb-backup --prepare --target-dir="$folder" --tmpdir="$temporary" \
            ${increment:+--incremental-dir="$increment"} > /tmp/prepare.log 2>&1
        echo "status $?"
        tail -n 1 /tmp/prepare.log | grep -q 'completed OK!' && echo "completed yes"
        grep -aE '\[(ERROR|FATAL)|[Ee]rror|cannot|[Cc]orrupt|[Uu]nsupported|not proper|Assertion|signal' /tmp/prepare.log |
            tail -n 30 | cut -c 1-400 | tr -d '\0\r' | sed 's/^/said /'
        [[ -n $increment ]] && rm -rf "$increment"
        ;;
    own)
        # What leads out of the data folder, a server in the sandbox cannot follow; InnoDB looks beside it then.
        find "$folder" -name '*.isl' -print -delete | sed 's/.*/outside yes/'
        rm -rf "$@"
        chown -R mysql:mysql "$folder" && echo "owned yes"
        ;;
    pages)
        # The page size, the tables that every server has, then the files of the system tablespace. Those are one: only the first says what its pages are.
        # In two of its extents lie copies of pages that were to be written (the doublewrite buffer), torn and outdated as
        # may be; the tool and the server pass over them, innochecksum does not. Where they are, page 5 says
        # (storage/innobase/include/trx0sys.h).
        page_size=$1 own=$2
        shift 2
        system=() extent=$((page_size > 16384 ? 64 : 1048576 / page_size))
        for name in "$@"; do
            [[ -f $folder/$name ]] && system+=("$folder/$name")
        done
        if ((${#system[@]})); then
            read -r magic first second < <(od -A n -t u4 --endian=big -N 12 -j $((page_size * 6 - 190)) "${system[0]}")
            ((magic == 536853855)) || first=-1000 second=-1000
            bad=$(cat "${system[@]}" | {
                innochecksum --allow-mismatches=4000000000 - 2>&1 > /dev/null
                echo "status $?"
            } | awk -v first="$first" -v second="$second" -v extent="$extent" '
                /^Fail: page::/ {
                    page = substr($2, 7) + 0
                    if (page < first || page >= first + extent && page < second || page >= second + extent) { print; exit }
                }
                /^status/ && $2 != 0 { print }')
            [[ -n $bad ]] && echo "bad the\ system\ tablespace"
            echo "checked"
        fi
        while IFS= read -r -d '' file; do
            if [[ -s $file ]]; then
                innochecksum "$file" > /dev/null 2>&1 || printf 'bad %q\n' "${file#"$folder"/}"
                echo "checked"
            fi
        done < <(find "$folder" -type f \( -name '*.ibd' -o -regex '.*/undo[0-9]+' \) -print0)
        # Tables without a definition, and triggers that their table's list does not lead to, no server misses.
        while IFS= read -r -d '' file; do
            name=${file%.*}
            name=${name%%#[Pp]#*}
            definition=$name.frm
            if [[ $file == *.TRN ]]; then
                table=$(sed -nE 's/^trigger_table=([A-Za-z0-9_]+)$/\1/p' "$file" | head -n 1)
                definition=${file%/*}/$table.TRG
                [[ -n $table ]] || continue
            fi
            [[ -f $definition ]] || printf 'lost %q\n' "${name#"$folder"/}"
        done < <(find "$folder" -mindepth 2 -maxdepth 2 -type f \
            -regex '.*\.\(MYD\|MYI\|MAD\|MAI\|CSV\|CSM\|ARZ\|MRG\|par\|ibd\|TRN\)' ! -name '#sql*' ! -name 'FTS_*' -print0)
        for name in $own; do
            [[ -f $folder/mysql/$name.frm ]] || echo "lost mysql/$name"
        done
        # One of Archive's that does not begin as such (storage/archive/azlib.h) the server takes for a table without rows.
        while IFS= read -r -d '' file; do
            [[ $(od -A n -t x1 -N 1 "$file") == ' fe' ]] || printf 'bad %q\n' "${file:${#folder}+1:-4}"
            echo "checked"
        done < <(find "$folder" -mindepth 2 -maxdepth 2 -type f -name '*.ARZ' -print0)
        ;;
esac
echo "done"
