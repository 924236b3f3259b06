#pragma once
// What the generated parsers need of ANTLR's runtime, in place of its header of that name: that one
// also includes parts which clang refuses (a const member without a value), and all the rest.
#include "BailErrorStrategy.h"
#include "FailedPredicateException.h"
#include "InputMismatchException.h"
#include "NoViableAltException.h"
#include "Parser.h"
#include "ParserRuleContext.h"
#include "Token.h"
#include "TokenStream.h"
#include "Vocabulary.h"
#include "atn/ATN.h"
#include "atn/ATNDeserializer.h"
#include "atn/ParserATNSimulator.h"
#include "dfa/DFA.h"
#include "tree/TerminalNode.h"
