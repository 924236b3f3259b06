#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "grammar/arena.h"
#include "grammar/condition.h"
#include "grammar/schema.h"
#include "grammar/type_data.h"

/// The frozen form of a schema: one flat piece of memory, the same in a file as where the YANG was
/// read. What is behaviour and not data (types, conditions) is made of it when it is first asked
/// for.
namespace nezu::grammar {

/// A type that is made when it is first asked for, or one that somebody else keeps.
class TypeSlot {
 public:
  TypeSlot() = default;
  ~TypeSlot();
  const Type* get() const;

 private:
  friend class SchemaArena;
  friend class Image;
  Link<TypeData> data_;
  mutable std::atomic<const Type*> made_{nullptr};
};

/// The beginning of the frozen form.
struct ImageHead {
  struct Rpc {
    Text name, command, help;
    bool configuration_mode = false;
    Link<Statement> input, output;
  };
  struct CommandWord {
    Text words, help;
  };

  char magic[8] = {};
  uint64_t checksum = 0;  ///< of all behind it
  uint32_t version = 0;   ///< of the form, and of what the compiler makes of it
  uint32_t writable = 0;  ///< where what is made when asked for begins: slots and musts
  uint64_t size = 0;
  Link<Statement> configuration;
  Array<Rpc> rpcs;
  Array<CommandWord> command_words;
  Array<TypeSlot> types;
  Array<Must> musts;
};

/// An Arena of statements, whose first thing is their head.
class SchemaArena : public Arena {
 public:
  using Arena::Arena;
  using Arena::put;
  /// A type of the program's own, which must outlive the statement.
  void put(TypeLink& into, const Type& type);
  void put(TypeLink& into, const TypeSlot& slot) { put(into.slot_, &slot); }
  void put(TypeSlot& into, const TypeData& data) { put(into.data_, &data); }
};

/// A frozen schema in memory.
class Image {
 public:
  static std::shared_ptr<const Image> map(const std::string& file);  ///< throws as Schema::open()
  /// Of what was just made; fills in its head.
  static std::shared_ptr<const Image> keep(std::unique_ptr<SchemaArena> arena, uint32_t writable);
  Image() = default;
  ~Image();
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;

  const ImageHead& head() const { return *reinterpret_cast<const ImageHead*>(begin_); }
  std::string bytes() const;  ///< what map() maps

 private:
  char* begin_ = nullptr;
  size_t size_ = 0;
  std::unique_ptr<SchemaArena> arena_;  ///< null: mapped
};

/// The Schema of an image.
std::shared_ptr<const Schema> schema_of(std::shared_ptr<const Image> image);

}  // namespace nezu::grammar
