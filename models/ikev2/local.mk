# The upper half: sessions.
models_libmodels_a_SOURCES += \
	models/ikev2/ikev2.h

# The lower half: bytes, algorithms, keys and protection.
models_libmodels_a_SOURCES += \
	models/ikev2/choose.c \
	models/ikev2/keys.c models/ikev2/keys.h \
	models/ikev2/message.c models/ikev2/message.h \
	models/ikev2/names.c \
	models/ikev2/notify.c \
	models/ikev2/payload.c models/ikev2/payload.h \
	models/ikev2/proposal.c models/ikev2/proposal.h \
	models/ikev2/protect.c models/ikev2/protect.h \
	models/ikev2/ts.c \
	models/ikev2/wire.h
