# Decrypts the first bytes of a backup, behind streams.sh, and says what came of it.
# Arguments: how it is encrypted, how many bytes come, how many are wanted.
encryption=$1 inputs=()
# Taken whole before anything is said: who sends it does not listen meanwhile, and each would wait for the other.
head -c "$2" > "$work/ciphertext"
take_key
decrypt < "$work/ciphertext" 2> "$work/decrypt.err" | head -c "$3" | base64 -w0 | sed 's/^/head /'
echo
sed 's/^/decrypt.err /' "$work/decrypt.err" | head -n 20
# The key has opened what stands before the content, and that authenticates it: what does not follow is damage.
if grep -aqs '^\[GNUPG:\] DECRYPTION_KEY ' "$work/gpg" || grep -aqE '^age: error: failed to (decrypt and authenticate payload|read nonce)' "$work/decrypt.err"; then
    echo opened
elif grep -aq '^age: error: failed to read header: .*EOF' "$work/decrypt.err"; then
    echo headless
elif grep -aqsE '^\[GNUPG:\] (ENC_TO|NEED_PASSPHRASE_SYM) ' "$work/gpg" &&
    ! grep -aqsE '^\[GNUPG:\] (NO_SECKEY|BEGIN_DECRYPTION|DECRYPTION_FAILED|ERROR)' "$work/gpg" &&
    { grep -aqs '^\[GNUPG:\] NODATA 3' "$work/gpg" || grep -aq '^gpg: block_filter .*read error' "$work/decrypt.err"; }; then
    echo headless # behind what its key is in stands no whole packet
fi
rm -rf "$work"
echo done
