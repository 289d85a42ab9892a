noinst_LIBRARIES += models/libmodels.a
models_libmodels_a_SOURCES =

include models/base/local.mk
include models/crypto/local.mk
include models/bgp/local.mk
include models/bfd/local.mk
include models/esp/local.mk
include models/ikev2/local.mk
include models/net/local.mk
include models/aws/local.mk
include models/onprem/local.mk
include models/load/local.mk
