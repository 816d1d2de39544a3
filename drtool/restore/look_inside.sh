# Decrypts the first bytes of a backup, behind streams.sh, and says what came of it.
# Arguments: how it is encrypted, how many bytes come, how many are wanted.
encryption=$1 inputs=()
# Taken whole before anything is said: who sends it does not listen meanwhile, and each would wait for the other.
head -c "$2" > "$work/ciphertext"
take_key
decrypt < "$work/ciphertext" 2> "$work/decrypt.err" | head -c "$3" | base64 -w0 | sed 's/^/head /'
echo
sed 's/^/decrypt.err /' "$work/decrypt.err" | head -n 20
rm -rf "$work"
echo done
