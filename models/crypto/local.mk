# The only user of libgcrypt.
models_libmodels_a_SOURCES += \
	models/crypto/aead.c models/crypto/aead.h \
	models/crypto/cbc.c models/crypto/cbc.h \
	models/crypto/dh.c models/crypto/dh.h \
	models/crypto/dh_primes.c models/crypto/dh_primes.h \
	models/crypto/gcrypt.c models/crypto/gcrypt.h \
	models/crypto/mac.c models/crypto/mac.h \
	models/crypto/prf.c models/crypto/prf.h

check_PROGRAMS += tests/test_crypto
tests_test_crypto_SOURCES = tests/test_crypto.c
EXTRA_DIST += tests/vectors/aes-cbc.ini tests/vectors/aes-gcm.ini \
	tests/vectors/hmac.ini

check_PROGRAMS += tests/test_crypto_dh
tests_test_crypto_dh_SOURCES = tests/test_crypto_dh.c
EXTRA_DIST += tests/vectors/dh.ini tests/vectors/dh-python.ini \
	tests/vectors/dh.py
