# nezu-iked, and what nezu-re adds for it.
nezu_library(nezu-ike-settings
  SOURCES check.cpp settings.cpp tunnel_ids.cpp
  LIBS nezu-ike nezu-configdb)
nezu_library(nezu-ike-service
  SOURCES layout.cpp service.cpp
  LIBS nezu-ike-settings nezu-state)
nezu_library(nezu-ike-daemon
  SOURCES daemon.cpp debug_keys.cpp event_log.cpp memory.cpp pfe_client.cpp show.cpp show_ike.cpp show_inactive.cpp
          show_ipsec.cpp show_selectors.cpp sockets.cpp tunnels.cpp workers.cpp
  LIBS nezu-ike-settings nezu-state nezu-pfe-api fmt::fmt)
add_executable(nezu-iked ${PROJECT_SOURCE_DIR}/services/iked_main.cpp)
target_link_libraries(nezu-iked PRIVATE nezu-ike-daemon)
