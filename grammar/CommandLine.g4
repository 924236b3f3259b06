// A line as typed. It knows no word of the language: those are the schema's (grammar/resolve.h).
// Brackets are words here, because a line that is being completed may end inside them.
parser grammar CommandLine;

tokens { WORD, QUOTED, OPEN_BRACKET, CLOSE_BRACKET, PIPE }

line : argument* ( PIPE filter* )* EOF ;

argument : WORD | QUOTED | OPEN_BRACKET | CLOSE_BRACKET ;

filter : WORD | QUOTED ;
