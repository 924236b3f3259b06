# nezu-iked, and what nezu-re adds for it.
nezu_library(nezu-ike-settings
  SOURCES authority_policy.cpp certificate_policy.cpp check.cpp settings.cpp trace.cpp
          tunnel_ids.cpp
  LIBS nezu-ike nezu-configdb nezu-log PkgConfig::RE2)
nezu_library(nezu-ike-service
  SOURCES layout.cpp layout_explain.cpp layout_peers.cpp layout_pki.cpp service.cpp
  LIBS nezu-ike-settings nezu-state)
nezu_library(nezu-ike-daemon
  SOURCES
    authority_servers.cpp
    certificate_maker.cpp
    certificate_text.cpp
    credential.cpp
    daemon.cpp
    debug_keys.cpp
    event_log.cpp
    file.cpp
    fetch.cpp
    memory.cpp
    monitor.cpp
    monitoring.cpp
    pfe_client.cpp
    probes.cpp
    rekeys.cpp
    request_pki.cpp
    revocation.cpp
    show.cpp
    show_distribution.cpp
    show_exchange.cpp
    show_explanation.cpp
    show_ike.cpp
    show_inactive.cpp
    show_ipsec.cpp
    show_peers.cpp
    show_pki.cpp
    show_selectors.cpp
    socket_errors.cpp
    sockets.cpp
    standing.cpp
    tunnels.cpp
    turns.cpp
    vault.cpp
    verifier.cpp
    why_down.cpp
    workers.cpp
  LIBS nezu-ike-settings nezu-state nezu-pfe-api fmt::fmt)
add_executable(nezu-iked ${PROJECT_SOURCE_DIR}/services/iked_main.cpp)
target_link_libraries(nezu-iked PRIVATE nezu-ike-daemon)
add_dependencies(nezu-iked nezu-schema)
