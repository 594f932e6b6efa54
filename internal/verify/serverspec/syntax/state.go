package syntax

// state is what the lexer knows of the words before: it decides what an ambiguous
// character means.
type state uint16

const (
	sBegin   state = 1 << iota // an expression begins
	sMid                       // it may begin, or the line may end: after return
	sClass                     // after class
	sArg                       // after a name that may take arguments without parentheses
	sEnd                       // a value is complete
	sEndName                   // after ")", and the name in a definition
	sName                      // a method's name comes: after def, alias
	sDot                       // it comes after a dot
	sLabel                     // a label may stand here
	sLabeled                   // directly after a label
)

func (s state) is(any state) bool { return s&any != 0 }

// begins tells that a value must come, so that "-" is a sign.
func (s state) begins() bool {
	return s.is(sBegin|sMid|sClass) || s&(sArg|sLabeled) == sArg|sLabeled
}

func (s state) ends() bool { return s.is(sEnd | sEndName) }

// wantsName tells that an operator here is the name of a method.
func (s state) wantsName() bool { return s.is(sName | sDot) }

func (s state) takesLabel() bool { return s.is(sLabel | sEndName | sArg) }

// keywords has what a word is where a value begins, what it is as a modifier, and the
// state after it.
var keywords = map[string]struct {
	kind, modifier kind
	next           state
}{
	"__ENCODING__": {kEncoding, kEncoding, sEnd},
	"__FILE__":     {kFile, kFile, sEnd},
	"__LINE__":     {kLine, kLine, sEnd},
	"BEGIN":        {kBeginBlock, kBeginBlock, sEnd},
	"END":          {kEndBlock, kEndBlock, sEnd},
	"alias":        {kAlias, kAlias, sName},
	"and":          {kAnd, kAnd, sBegin},
	"begin":        {kBegin, kBegin, sBegin},
	"break":        {kBreak, kBreak, sMid},
	"case":         {kCase, kCase, sBegin},
	"class":        {kClass, kClass, sClass},
	"def":          {kDef, kDef, sName},
	"defined?":     {kDefined, kDefined, sArg},
	"do":           {kDo, kDo, sBegin},
	"else":         {kElse, kElse, sBegin},
	"elsif":        {kElsif, kElsif, sBegin},
	"end":          {kEnd, kEnd, sEnd},
	"ensure":       {kEnsure, kEnsure, sBegin},
	"false":        {kFalse, kFalse, sEnd},
	"for":          {kFor, kFor, sBegin},
	"if":           {kIf, kIfMod, sBegin},
	"in":           {kIn, kIn, sBegin},
	"module":       {kModule, kModule, sBegin},
	"next":         {kNext, kNext, sMid},
	"nil":          {kNil, kNil, sEnd},
	"not":          {kNot, kNot, sArg},
	"or":           {kOr, kOr, sBegin},
	"redo":         {kRedo, kRedo, sEnd},
	"rescue":       {kRescue, kRescueMod, sMid},
	"retry":        {kRetry, kRetry, sEnd},
	"return":       {kReturn, kReturn, sMid},
	"self":         {kSelf, kSelf, sEnd},
	"super":        {kSuper, kSuper, sArg},
	"then":         {kThen, kThen, sBegin},
	"true":         {kTrue, kTrue, sEnd},
	"undef":        {kUndef, kUndef, sName},
	"unless":       {kUnless, kUnlessMod, sBegin},
	"until":        {kUntil, kUntilMod, sBegin},
	"when":         {kWhen, kWhen, sBegin},
	"while":        {kWhile, kWhileMod, sBegin},
	"yield":        {kYield, kYield, sArg},
}
