models_libmodels_a_SOURCES += \
	models/onprem/customer_gateway.c models/onprem/customer_gateway.h
