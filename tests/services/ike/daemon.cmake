nezu_test(test-iked
  SOURCES check_test.cpp memory_test.cpp settings_test.cpp
  LIBS nezu-ike-daemon nezu-ike-service)
