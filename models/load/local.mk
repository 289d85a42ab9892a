models_libmodels_a_SOURCES += \
	models/load/bulk.c models/load/bulk.h \
	models/load/db.h \
	models/load/db_client.c \
	models/load/db_connection.c models/load/db_private.h \
	models/load/db_server.c \
	models/load/db_wire.c models/load/db_wire.h \
	models/load/probe.c models/load/probe.h \
	models/load/replay.c models/load/replay.h \
	models/load/replay_script.c

check_PROGRAMS += tests/test_fake_env tests/test_load
tests_test_fake_env_SOURCES = tests/test_fake_env.c
tests_test_load_SOURCES = tests/test_load.c

check_PROGRAMS += tests/test_replay_play
tests_test_replay_play_SOURCES = tests/test_replay_play.c
check_PROGRAMS += tests/test_bulk
tests_test_bulk_SOURCES = tests/test_bulk.c
