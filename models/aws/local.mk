models_libmodels_a_SOURCES += \
	models/aws/attachment.c models/aws/attachment.h \
	models/aws/dx_endpoint.c models/aws/endpoint.h \
	models/aws/dx_routes.c models/aws/dx_routes.h \
	models/aws/dxgw.c models/aws/dxgw.h \
	models/aws/nat_gateway.c models/aws/nat_gateway.h \
	models/aws/tgw.c models/aws/tgw.h models/aws/tgw_private.h \
	models/aws/tgw_routes.c models/aws/tgw_routes.h \
	models/aws/tgw_table.c \
	models/aws/public_network.c models/aws/public_network.h \
	models/aws/vgw.c models/aws/vgw.h \
	models/aws/vgw_routes.c models/aws/vgw_routes.h \
	models/aws/vpc.c models/aws/vpc.h \
	models/aws/vpc_table.c models/aws/vpc_table.h \
	models/aws/vpn_endpoint.c

check_PROGRAMS += tests/test_vgw_routes
tests_test_vgw_routes_SOURCES = tests/test_vgw_routes.c

check_PROGRAMS += tests/test_vgw tests/test_dxgw
tests_test_dxgw_SOURCES = tests/test_dxgw.c
tests_test_vgw_SOURCES = tests/test_vgw.c
check_PROGRAMS += tests/test_tgw_routes
tests_test_tgw_routes_SOURCES = tests/test_tgw_routes.c

check_PROGRAMS += tests/test_tgw
tests_test_tgw_SOURCES = tests/test_tgw.c
check_PROGRAMS += tests/test_vpc
tests_test_vpc_SOURCES = tests/test_vpc.c
check_PROGRAMS += tests/test_nat_gateway
tests_test_nat_gateway_SOURCES = tests/test_nat_gateway.c
