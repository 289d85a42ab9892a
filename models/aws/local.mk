models_libmodels_a_SOURCES += \
	models/aws/dx_endpoint.c models/aws/endpoint.h \
	models/aws/vgw.c models/aws/vgw.h \
	models/aws/vgw_routes.c models/aws/vgw_routes.h \
	models/aws/vpn_endpoint.c
