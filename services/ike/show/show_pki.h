// The commands of nezu-rpc-pki.yang.
#pragma once

#include "services/ike/show/show.h"

namespace nezu::ike {

// One function a command; request_pki.cpp.
void generate_key_pair(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void export_key_pair(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void generate_certificate_request(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void generate_self_signed(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void load_local_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void verify_local_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void export_local_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void enroll_local_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void re_enroll_local_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void enroll_ca_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
/// Groups of profiles, which nothing makes here, in all that is said of them.
void refuse_profile_group(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void load_ca_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void verify_ca_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void load_crl(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void clear_local_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void clear_ca_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void clear_certificate_request(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void clear_key_pair(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void clear_pki_statistics(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void clear_crl(Daemon& daemon, const mgmt::Input& input, const Reply& reply);

// show_pki.cpp
void show_local_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void show_ca_certificate(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void show_certificate_request(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void show_crl(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void show_pki_statistics(Daemon& daemon, const mgmt::Input& input, const Reply& reply);

}  // namespace nezu::ike
