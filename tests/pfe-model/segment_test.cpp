#include "pfe-model/segment.h"

#include <gtest/gtest.h>

#include <string>

#include "pfe-model/icmp.h"
#include "pfe-model/ip.h"

namespace nezu::pfe {
namespace {

/// A TCP packet in `pool` with its payload, as a sender with segmentation offload leaves it.
Packet* large_tcp(Pool& pool, bool v6, size_t payload, uint16_t gso_size) {
  Packet* packet = pool.take();
  const size_t ip = v6 ? kIpv6Header : kIpv4Header;
  packet->length = static_cast<uint32_t>(ip + 20 + payload);
  uint8_t* at = packet->data;
  std::memset(at, 0, ip + 20);
  if (v6) {
    at[0] = 0x60;
    store16(at + 4, static_cast<uint16_t>(20 + payload));
    at[6] = kProtocolTcp;
    at[7] = 64;
    at[8] = at[24] = 0xfd;
  } else {
    at[0] = 0x45;
    store16(at + 2, static_cast<uint16_t>(packet->length));
    store16(at + 4, 100);
    at[6] = 0x40;
    at[8] = 64;
    at[9] = kProtocolTcp;
    at[12] = at[16] = 10;
    write_ipv4_checksum(at);
  }
  uint8_t* tcp = at + ip;
  store32(tcp + 4, 0xfffffff0);  // the sequence number wraps on the way
  tcp[12] = 0x50;
  tcp[13] = 0x99;  // CWR, ACK, PSH, FIN
  store16(tcp + 16, static_cast<uint16_t>(~fold_checksum(pseudo_header_sum(at, 6, 20 + payload))));
  for (size_t i = 0; i < payload; ++i) tcp[20 + i] = static_cast<uint8_t>(i * 7);
  packet->offload = {v6 ? kGsoTcp6 : kGsoTcp4, gso_size, true, static_cast<uint16_t>(ip), 16};
  return packet;
}

bool transport_sum_good(const Packet& packet) {
  IpHeader header;
  if (parse_ip(packet.data, packet.length, header) != HeaderFault::kNone) return false;
  const size_t size = header.length - header.payload;
  return fold_checksum(sum_words(packet.data + header.payload, size,
                                 pseudo_header_sum(packet.data, header.protocol, size))) == 0;
}

class SegmentTcp : public testing::TestWithParam<bool> {};

TEST_P(SegmentTcp, CutsTcpIntoCompletePackets) {
  Pool pool(0, 64);
  Queue out;
  const size_t payload = 5 * 1000 + 123;
  Packet* packet = large_tcp(pool, GetParam(), payload, 1000);
  const size_t headers = packet->length - payload;
  ASSERT_EQ(segment(*packet, pool, out), 6u);
  EXPECT_EQ(wire_size(*packet), headers + 1000);
  size_t offset = 0;
  for (size_t i = 0; i < out.size(); ++i) {
    const uint8_t* tcp = out[i]->data + headers - 20;
    EXPECT_TRUE(transport_sum_good(*out[i])) << i;
    EXPECT_FALSE(out[i]->offload.pending());
    EXPECT_EQ(load32(tcp + 4), static_cast<uint32_t>(0xfffffff0 + offset));
    EXPECT_EQ(tcp[13], i == 0 ? 0x90 : i == 5 ? 0x19 : 0x10) << i;
    EXPECT_EQ(0, std::memcmp(tcp + 20, packet->data + headers + offset, out[i]->length - headers));
    EXPECT_TRUE(GetParam() || load16(out[i]->data + 4) == 100 + i);
    offset += out[i]->length - headers;
  }
  EXPECT_EQ(offset, payload);
}

INSTANTIATE_TEST_SUITE_P(Families, SegmentTcp, testing::Bool());

TEST(Segment, RefusesWhatDoesNotFitItsOffloadWords) {
  Pool pool(0, 8);
  Queue out;
  Packet* packet = large_tcp(pool, false, 3000, 1000);
  packet->offload.gso_type = kGsoTcp6;
  EXPECT_EQ(segment(*packet, pool, out), 0u);
  packet->offload.gso_type = 77;
  EXPECT_EQ(segment(*packet, pool, out), 0u);
  packet->offload.gso_type = kGsoTcp4;
  packet->offload.checksum_start = 3000;
  EXPECT_EQ(segment(*packet, pool, out), 0u);
  packet->offload.checksum_start = 4;
  EXPECT_EQ(segment(*packet, pool, out), 0u);
  packet->offload.checksum_start = 20;
  packet->offload.gso_size = 1;  // three thousand segments, seven packets in the pool
  EXPECT_EQ(segment(*packet, pool, out), 0u);
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(pool.available(), 7u);
}

TEST(Segment, FinishesAPartialChecksum) {
  Pool pool(0, 8);
  Packet* packet = large_tcp(pool, false, 333, 0);
  packet->offload.gso_type = 0;
  EXPECT_FALSE(transport_sum_good(*packet));
  EXPECT_TRUE(finish_checksum(*packet));
  EXPECT_TRUE(transport_sum_good(*packet));
  packet->offload = {0, 0, true, 9000, 16};
  EXPECT_FALSE(finish_checksum(*packet));
}

TEST(Fragment, PiecesMakeUpTheWhole) {
  Pool pool(0, 64);
  Queue out;
  Packet* packet = large_tcp(pool, false, 4000, 0);
  packet->offload = {};
  packet->data[6] = 0;
  write_ipv4_checksum(packet->data);
  ASSERT_EQ(fragment(*packet, 1006, pool, out), 5u);  // 984 octets each, a multiple of eight
  std::string whole;
  for (size_t i = 0; i < out.size(); ++i) {
    IpHeader header;
    ASSERT_EQ(parse_ip(out[i]->data, out[i]->length, header), HeaderFault::kNone);
    EXPECT_LE(header.length, 1006u);
    EXPECT_EQ(header.fragment_offset * 8u, whole.size());
    EXPECT_EQ((out[i]->data[6] & 0x20) != 0, i + 1 < out.size());
    whole.append(reinterpret_cast<char*>(out[i]->data) + 20, header.length - 20);
  }
  EXPECT_EQ(whole, std::string(reinterpret_cast<char*>(packet->data) + 20, 4020));
}

TEST(Fragment, OfAFragmentKeepsItsPlace) {
  Pool pool(0, 64);
  Queue out;
  Packet* packet = large_tcp(pool, false, 780, 0);
  store16(packet->data + 6, 0x2000 | 100);
  write_ipv4_checksum(packet->data);
  ASSERT_EQ(fragment(*packet, 420, pool, out), 2u);
  EXPECT_EQ(load16(out[0]->data + 6), 0x2000 | 100);
  EXPECT_EQ(load16(out[1]->data + 6), 0x2000 | 150) << "more of the original follow";
}

TEST(Fragment, OnlyCopiedOptionsGoIntoLaterPieces) {
  Pool pool(0, 64);
  Queue out;
  Packet* packet = pool.take();
  std::memset(packet->data, 0, 2000);
  packet->length = 28 + 800;
  uint8_t* ip = packet->data;
  ip[0] = 0x47;
  store16(ip + 2, 28 + 800);
  const uint8_t options[8] = {0x07, 3, 4, 1, 0x94, 4, 0, 0};  // record route, then router alert
  std::memcpy(ip + 20, options, 8);
  write_ipv4_checksum(ip);
  ASSERT_EQ(fragment(*packet, 500, pool, out), 2u);
  EXPECT_EQ(out[0]->data[0], 0x47);
  EXPECT_EQ(out[1]->data[0], 0x46);
  EXPECT_EQ(out[1]->data[20], 0x94);
}

TEST(Icmp, TooBigAnswersTheSenderWithTheSize) {
  Pool pool(0, 8);
  for (const bool v6 : {false, true}) {
    Packet* packet = large_tcp(pool, v6, 1400, 0);
    Address source;
    source.size = v6 ? 16 : 4;
    source.octets[0] = 7;
    ASSERT_TRUE(make_too_big(*packet, source, 1446));
    IpHeader header;
    ASSERT_EQ(parse_ip(packet->data, packet->length, header), HeaderFault::kNone);
    EXPECT_EQ(header.source, source);
    EXPECT_EQ(header.destination.octets[0], v6 ? 0xfd : 10);
    EXPECT_EQ(header.length, packet->length);
    const uint8_t* icmp = packet->data + header.payload;
    EXPECT_EQ(load16(icmp), v6 ? 0x0200 : 0x0304);
    EXPECT_EQ(v6 ? load32(icmp + 4) : load16(icmp + 6), 1446u);
    const size_t size = header.length - header.payload;
    EXPECT_EQ(fold_checksum(sum_words(
                  icmp, size, v6 ? pseudo_header_sum(packet->data, kProtocolIcmp6, size) : 0)),
              0);
    EXPECT_FALSE(make_too_big(*packet, source, 1446)) << "no error about an error";
  }
}

}  // namespace
}  // namespace nezu::pfe
