/* The primes of the MODP groups in hexadecimal. Not for others than dh.c. */

#ifndef HS_CRYPTO_DH_PRIMES_H
#define HS_CRYPTO_DH_PRIMES_H

extern const char crypto_dh_modp1024[];
extern const char crypto_dh_modp1536[];
extern const char crypto_dh_modp2048[];
extern const char crypto_dh_modp3072[];
extern const char crypto_dh_modp4096[];
extern const char crypto_dh_modp6144[];
extern const char crypto_dh_modp8192[];

/* Prime, generator and its order. */
extern const char crypto_dh_modp1024_s160[];
extern const char crypto_dh_modp1024_s160_g[];
extern const char crypto_dh_modp1024_s160_q[];
extern const char crypto_dh_modp2048_s224[];
extern const char crypto_dh_modp2048_s224_g[];
extern const char crypto_dh_modp2048_s224_q[];
extern const char crypto_dh_modp2048_s256[];
extern const char crypto_dh_modp2048_s256_g[];
extern const char crypto_dh_modp2048_s256_q[];

#endif
