models_libmodels_a_SOURCES += \
	models/ikev2/ikev2.h
