# nezu-iked, and what nezu-re adds for it.
nezu_library(nezu-ike-settings
  SOURCES check.cpp settings.cpp tunnel_ids.cpp
  LIBS nezu-ike nezu-configdb)
nezu_library(nezu-ike-service
  SOURCES layout.cpp layout_explain.cpp layout_peers.cpp service.cpp
  LIBS nezu-ike-settings nezu-state)
nezu_library(nezu-ike-daemon
  SOURCES daemon.cpp debug_keys.cpp event_log.cpp memory.cpp pfe_client.cpp show.cpp show_exchange.cpp show_explanation.cpp show_ike.cpp show_inactive.cpp
          show_ipsec.cpp show_peers.cpp show_selectors.cpp socket_errors.cpp sockets.cpp tunnels.cpp why_down.cpp
          monitor.cpp monitoring.cpp probes.cpp show_distribution.cpp workers.cpp
  LIBS nezu-ike-settings nezu-state nezu-pfe-api fmt::fmt)
add_executable(nezu-iked ${PROJECT_SOURCE_DIR}/services/iked_main.cpp)
target_link_libraries(nezu-iked PRIVATE nezu-ike-daemon)
