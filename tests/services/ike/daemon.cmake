nezu_test(test-iked
  SOURCES
    authority.cpp
    authority_server.cpp
    check_test.cpp
    iked_rig.cpp
    iked_test.cpp
    memory_test.cpp
    monitor_test.cpp
    pki_test.cpp
    revocation_test.cpp
    settings_test.cpp
    standing_test.cpp
    trace_test.cpp
    tunnels_test.cpp
  LIBS nezu-ike-daemon nezu-ike-service)
add_dependencies(test-iked nezu-iked)
