# The upper half: sessions.
models_libmodels_a_SOURCES += \
	models/ikev2/ikev2.h

# The lower half: bytes, algorithms, keys and protection.
models_libmodels_a_SOURCES += \
	models/ikev2/keys.h \
	models/ikev2/message.h \
	models/ikev2/payload.h \
	models/ikev2/proposal.h \
	models/ikev2/protect.h \
	models/ikev2/wire.h
