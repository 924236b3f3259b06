// Configuration text, one piece at a time: the head of a statement up to its `{` or `;`, or a `}`.
// The reader keeps the open statements itself, so depth and memory are its to bound.
parser grammar ConfigurationText;

tokens { TAG, WORD, QUOTED, OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE, SEMICOLON }

piece : ( head | CLOSE_BRACE ) EOF ;

head : TAG* argument+ ( OPEN_BRACE | SEMICOLON ) ;

argument : value | OPEN_BRACKET value+ CLOSE_BRACKET ;

value : WORD | QUOTED ;
