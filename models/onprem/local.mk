models_libmodels_a_SOURCES += \
	models/onprem/core.c models/onprem/core.h \
	models/onprem/customer_gateway.c models/onprem/customer_gateway.h \
	models/onprem/firewall.c models/onprem/firewall.h \
	models/onprem/nat.c models/onprem/nat.h

check_PROGRAMS += tests/test_firewall
tests_test_firewall_SOURCES = tests/test_firewall.c
