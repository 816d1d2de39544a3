/*
 * A FIDO token made of software, as middleware for OpenSSH (see PROTOCOL.u2f and sk-api.h there): keys are made and
 * used as on a real one, but the private half is in the key handle, so that it protects nothing. For tests only.
 *
 * SOFTWARE_TOKEN_TOUCHED names a file: the token waits to be touched until it is there.
 * SOFTWARE_TOKEN_UNPLUGGED, if it is set, is a token that is not there.
 */
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define API_VERSION 0x000a0000
#define ECDSA 0
#define ED25519 1
#define FAILED (-1)
#define NOT_THERE (-4)

struct sk_option;
struct sk_resident_key;

struct sk_enroll_response {
    uint8_t flags;
    uint8_t *public_key;
    size_t public_key_len;
    uint8_t *key_handle;
    size_t key_handle_len;
    uint8_t *signature;
    size_t signature_len;
    uint8_t *attestation_cert;
    size_t attestation_cert_len;
    uint8_t *authdata;
    size_t authdata_len;
};

struct sk_sign_response {
    uint8_t flags;
    uint32_t counter;
    uint8_t *sig_r;
    size_t sig_r_len;
    uint8_t *sig_s;
    size_t sig_s_len;
};

uint32_t sk_api_version(void) { return API_VERSION; }

static int is_unplugged(void) { return getenv("SOFTWARE_TOKEN_UNPLUGGED") != NULL; }

static void wait_for_touch(void) {
    const char *touched = getenv("SOFTWARE_TOKEN_TOUCHED");
    while (touched && access(touched, F_OK) != 0)
        usleep(10000);
}

int sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len, const char *application, uint8_t flags,
              const char *pin, struct sk_option **options, struct sk_enroll_response **made) {
    (void)challenge, (void)challenge_len, (void)application, (void)pin, (void)options;
    if (is_unplugged())
        return NOT_THERE;
    EVP_PKEY *key = alg == ED25519 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") : EVP_EC_gen("P-256");
    struct sk_enroll_response *response = calloc(1, sizeof *response);
    if (!key || !response)
        return FAILED;
    response->flags = flags;
    if (alg == ED25519) {
        response->public_key = malloc(response->public_key_len = 32);
        EVP_PKEY_get_raw_public_key(key, response->public_key, &response->public_key_len);
    } else {
        response->public_key_len = EVP_PKEY_get1_encoded_public_key(key, &response->public_key);
    }
    response->key_handle_len = i2d_PrivateKey(key, &response->key_handle);
    EVP_PKEY_free(key);
    *made = response;
    return 0;
}

static uint8_t *bytes_of(const BIGNUM *number, size_t *length) {
    uint8_t *bytes = malloc(*length = BN_num_bytes(number));
    BN_bn2bin(number, bytes);
    return bytes;
}

int sk_sign(uint32_t alg, const uint8_t *data, size_t data_len, const char *application, const uint8_t *key_handle,
            size_t key_handle_len, uint8_t flags, const char *pin, struct sk_option **options,
            struct sk_sign_response **made) {
    (void)pin, (void)options;
    if (is_unplugged())
        return NOT_THERE;
    wait_for_touch();

    /* What a token signs: the digest of what it is for, its flags, its counter, the digest of the message. */
    uint8_t message[SHA256_DIGEST_LENGTH + 5 + SHA256_DIGEST_LENGTH] = {0};
    SHA256((const uint8_t *)application, strlen(application), message);
    message[SHA256_DIGEST_LENGTH] = flags;
    message[SHA256_DIGEST_LENGTH + 4] = 7;
    SHA256(data, data_len, message + SHA256_DIGEST_LENGTH + 5);

    const uint8_t *handle = key_handle;
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &handle, key_handle_len);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint8_t signature[256];
    size_t length = sizeof signature;
    if (!key || EVP_DigestSignInit(context, NULL, alg == ED25519 ? NULL : EVP_sha256(), NULL, key) != 1 ||
        EVP_DigestSign(context, signature, &length, message, sizeof message) != 1)
        return FAILED;

    struct sk_sign_response *response = calloc(1, sizeof *response);
    response->flags = flags;
    response->counter = 7;
    if (alg == ED25519) {
        response->sig_r = malloc(response->sig_r_len = length);
        memcpy(response->sig_r, signature, length);
    } else {
        const uint8_t *der = signature;
        ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, length);
        response->sig_r = bytes_of(ECDSA_SIG_get0_r(pair), &response->sig_r_len);
        response->sig_s = bytes_of(ECDSA_SIG_get0_s(pair), &response->sig_s_len);
        ECDSA_SIG_free(pair);
    }
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    *made = response;
    return 0;
}

int sk_load_resident_keys(const char *pin, struct sk_option **options, struct sk_resident_key ***keys, size_t *count) {
    (void)pin, (void)options, (void)keys;
    *count = 0;
    return 0;
}
