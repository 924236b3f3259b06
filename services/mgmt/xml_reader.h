#pragma once
#include "grammar/xml_reader.h"

/// The XML of management messages is read by the same reader as configuration in XML.
namespace nezu::mgmt {

using grammar::utf8_unfinished;
using grammar::xml_escape;
using grammar::XmlReader;

}  // namespace nezu::mgmt
