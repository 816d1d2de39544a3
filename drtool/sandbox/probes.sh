# Tries to get out of the sandbox, and says what it met, an attempt a line; then the names of the network interfaces.
# Arguments: a name to look up, the address of the engine's host, an address outside.
names=$(timeout 2 getent ahosts "$1" 2>&1) && echo "found an address" || echo "no answer"
for target in "$2" "$3"; do
    timeout 2 bash -c 'exec 3<>"/dev/tcp/$1/9"' drtool "$target" 2>&1 | grep -o -m1 -E \
      'unreachable|refused|timed out|No route to host' || echo "connected or unknown"
done
for interface in /sys/class/net/*; do echo -n "${interface##*/} "; done
