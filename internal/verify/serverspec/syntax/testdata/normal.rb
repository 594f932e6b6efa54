# Prints the trees of Ruby programs in the form of normal_test.go: for each program, given
# on standard input as its length, a newline and its bytes, a line with "ok" or "error" and
# the length of what follows: the tree, or what is wrong.

AST = RubyVM::AbstractSyntaxTree

class Normal
  def n(x)
    return 'nil' if x.nil?

    c = x.children
    case x.type
    when :BLOCK then body(c)
    when :BEGIN then n(c[0])
    when :SCOPE then n(c[2])
    when :NIL, :TRUE, :FALSE, :SELF, :REDO, :RETRY then x.type.to_s.downcase
    when :LIT then lit(c[0])
    when :STR then text('str', [c[0]])
    when :DSTR then text('str', parts(x))
    when :XSTR then text('xstr', [c[0]])
    when :DXSTR then text('xstr', parts(x))
    when :DSYM then text('sym', parts(x))
    when :DREGX, :ONCE then regx(x)
    when :EVSTR then n(c[0])
    when :MATCH then "(call #{lit(c[0])} =~ (var $_))"
    when :MATCH2 then "(call #{n(c[0])} =~ #{n(c[1])})"
    when :MATCH3 then "(call #{n(c[1])} =~ #{n(c[0])})"
    when :LVAR, :DVAR then "(lvar #{c[0]})"
    when :IVAR, :GVAR, :CVAR, :NTH_REF, :BACK_REF then "(var #{c[0]})"
    when :CONST then "(const #{c[0]})"
    when :COLON2 then c[0] ? "(const #{n(c[0])} #{c[1]})" : "(const #{c[1]})"
    when :COLON3 then "(const :: #{c[0]})"
    when :LASGN, :DASGN, :IASGN, :GASGN, :CVASGN, :CDECL, :ATTRASGN then assign(x)
    when :MASGN then "(masgn #{targets(x)} #{values(c[0])})"
    when :OP_ASGN_OR, :OP_ASGN_AND
      "(opasgn #{n(c[0])} #{x.type == :OP_ASGN_OR ? '||' : '&&'} #{n(c[2].children[-1])})"
    when :OP_ASGN1 then "(opasgn #{call('call', c[0], '[]', list(c[2]))} #{c[1]} #{n(c[3])})"
    when :OP_ASGN2 then "(opasgn #{call(c[1] ? 'qcall' : 'call', c[0], c[2], [])} #{c[3]} #{n(c[4])})"
    when :OP_CDECL then "(opasgn #{n(c[0])} #{c[1]} #{n(c[2])})"
    when :CALL, :OPCALL then call('call', c[0], c[1], list(c[2]))
    when :QCALL then call('qcall', c[0], c[1], list(c[2]))
    when :FCALL then call('call', nil, c[0], list(c[1]))
    when :VCALL then "(vcall #{c[0]})"
    when :SUPER then join('super', list(c[0]))
    when :ZSUPER then '(zsuper)'
    when :YIELD then join('yield', list(c[0]))
    when :ITER then iter(c[0], c[1])
    when :LAMBDA then "(lambda #{block(c[0])})"
    when :LIST, :VALUES, :ZLIST, :SPLAT, :ARGSCAT, :ARGSPUSH then join('array', list(x))
    when :HASH then hash(x)
    when :DOT2, :DOT3, :FLIP2, :FLIP3
      "(#{x.type.to_s.downcase} #{n(c[0])} #{n(c[1])})"
    when :AND, :OR then join(x.type.to_s.downcase, logic(x, x.type))
    when :IF then "(if #{n(c[0])} #{n(c[1])} #{n(c[2])})"
    when :UNLESS then "(if #{n(c[0])} #{n(c[2])} #{n(c[1])})"
    when :WHILE, :UNTIL then "(#{'do' unless c[2]}#{x.type.to_s.downcase} #{n(c[0])} #{n(c[1])})"
    when :FOR then "(for #{for_target(c[1])} #{n(c[0])} #{n(c[1])})"
    when :CASE, :CASE2 then kase(c)
    when :CASE3 then "(casein #{n(c[0])})"
    when :RESCUE then rescues(c)
    when :ENSURE then "(ensure #{n(c[0])} #{n(c[1])})"
    when :RETURN, :BREAK, :NEXT then "(#{x.type.to_s.downcase} #{n(c[0])})"
    when :DEFN then "(def nil #{c[0]} #{params(c[1])} #{n(c[1])})"
    when :DEFS then "(def #{n(c[0])} #{c[1]} #{params(c[2])} #{n(c[2])})"
    when :CLASS then "(class #{n(c[0])} #{n(c[1])} #{n(c[2])})"
    when :SCLASS then "(sclass #{n(c[0])} #{n(c[1])})"
    when :MODULE then "(module #{n(c[0])} #{n(c[1])})"
    when :ALIAS then "(alias #{c[0].children[0]} #{c[1].children[0]})"
    when :VALIAS then "(alias #{c[0]} #{c[1]})"
    when :UNDEF then "(undef #{c[0].children[0]})"
    when :DEFINED then "(defined #{n(c[0])})"
    when :POSTEXE then "(end #{n(c[0])})"
    when :ERRINFO then 'errinfo'
    when :BLOCK_PASS then join('array', list(x))
    else "(?#{x.type})"
    end
  end

  def body(list)
    list = list.reject { |x| x.nil? || x.type == :BEGIN && x.children[0].nil? }
    list = list.flat_map { |x| x.type == :BLOCK ? x.children : [x] }
    list = list.reject { |x| x.nil? || x.type == :BEGIN && x.children[0].nil? }
    return 'nil' if list.empty?
    return n(list[0]) if list.size == 1

    "(body\n#{list.map { |x| n(x) }.join("\n")})"
  end

  def join(name, list) = "(#{[name, *list].join(' ')})"

  def quote(s)
    '"' + s.b.gsub(/[^ -~]|["\\]/n) { |c| format('\\x%02x', c.ord) } + '"'
  end

  def lit(v)
    case v
    when Integer then "(int #{v})"
    when Float then format('(float %.17g)', v)
    when Symbol then text('sym', [v.to_s])
    when Regexp
      flags = ''
      flags += 'i' if v.options & Regexp::IGNORECASE != 0
      flags += 'm' if v.options & Regexp::MULTILINE != 0
      flags += 'x' if v.options & Regexp::EXTENDED != 0
      "(regx #{quote(v.source)}#{" #{flags}" unless flags.empty?})"
    when String then text('str', [v])
    when Hash then join('hash', v.flat_map { |k, w| [lit(k), lit(w)] })
    when nil, true, false then v.inspect
    when Encoding then '(encoding)'
    when Rational, Complex then "(#{v.class})"
    else "(?#{v.inspect})"
    end
  end

  # parts of a string with interpolation: strings, and nodes for the rest.
  def parts(x)
    c = x.children
    list = [c[0]]
    list << c[1]
    rest = c[2]
    list.concat(rest.children) if rest
    list.compact.flat_map { |y| part(y) }
  end

  def part(y)
    return [y] if y.is_a?(String)

    case y.type
    when :STR then [y.children[0]]
    when :DSTR then parts(y)
    when :EVSTR then y.children[0] && %i[STR DSTR EVSTR].include?(y.children[0].type) ? part(y.children[0]) : [y]
    when :LIST then y.children.compact.flat_map { |z| part(z) }
    else [y]
    end
  end

  def text(name, parts)
    merged = []
    parts.each do |x|
      if x.is_a?(String) && merged.last.is_a?(String)
        merged[-1] = merged[-1].b + x.b
      else
        merged << x
      end
    end
    merged.reject! { |x| x == '' }
    join(name, merged.map { |x| x.is_a?(String) ? quote(x) : n(x) })
  end

  def regx(x)
    x = x.children[0] if x.type == :ONCE
    return n(x) unless x.type == :DREGX

    text('regx', parts(x))
  end

  # list takes the elements of arguments and arrays.
  def list(x)
    return [] if x.nil?

    c = x.children
    case x.type
    when :LIST, :VALUES then c[0..-2].map { |y| n(y) }
    when :ZLIST then []
    when :SPLAT then splat(c[0])
    when :ARGSCAT then list(c[0]) + splat(c[1])
    when :ARGSPUSH then list(c[0]) + [n(c[1])]
    when :BLOCK_PASS then list(c[0]) + ["(blockpass #{n(c[1])})"]
    else [n(x)]
    end
  end

  def splat(x)
    return list(x) if %i[LIST ZLIST ARGSCAT ARGSPUSH SPLAT].include?(x.type)

    ["(splat #{n(x)})"]
  end

  # values is the right side of a, b = c.
  def values(x) = n(x)

  def hash(x)
    return '(hash)' unless x.children[0]

    pairs = x.children[0].children[0..-2].each_slice(2)
    join('hash', pairs.map { |k, v| k ? "#{n(k)} #{n(v)}" : "** #{n(v)}" })
  end

  def call(kind, recv, name, args) = join(kind, [n(recv), name, *args])

  def logic(x, type)
    x.type == type ? x.children.flat_map { |y| logic(y, type) } : [n(x)]
  end

  def target(x)
    return '(splat)' if x.is_a?(Symbol)

    c = x.children
    case x.type
    when :LASGN, :DASGN then "(lvar #{c[0]})"
    when :IASGN, :GASGN, :CVASGN then "(var #{c[0]})"
    when :CDECL then c[0].is_a?(Symbol) ? "(const #{c[0]})" : n(c[0])
    when :ATTRASGN then attribute(c, list(c[2]))
    when :MASGN then targets(x)
    else "(?#{x.type})"
    end
  end

  def attribute(c, args)
    name = c[1].to_s
    name = name == '[]=' ? '[]' : name.chomp('=')
    join('call', [n(c[0]), name, *args])
  end

  def assign(x)
    c = x.children
    return "(asgn #{target(x)} #{c.last.nil? ? 'nil' : n(c.last)})" unless x.type == :ATTRASGN

    args = c[1] == :[]= ? list(c[2]) : [n_attribute(c[2])]
    "(asgn #{attribute(c, args[0..-2])} #{args[-1]})"
  end

  # n_attribute is the value of a.b = value, which is the only argument.
  def n_attribute(x)
    x.type == :LIST && x.children.size == 2 ? n(x.children[0]) : n(x)
  end

  def targets(x)
    c = x.children
    list = c[1] ? c[1].children[0..-2].map { |y| target(y) } : []
    if c[2].is_a?(Symbol)
      list << '(splat)'
    elsif c[2] && c[2].type == :POSTARG
      first, rest = c[2].children
      list << (first.is_a?(Symbol) ? '(splat)' : "(splat #{target(first)})")
      list.concat(rest.children[0..-2].map { |y| target(y) })
    elsif c[2]
      list << "(splat #{target(c[2])})"
    end
    join('targets', list)
  end

  def for_target(scope)
    init = scope.children[1].children[1]
    init.type == :MASGN ? targets(init) : target(init)
  end

  def kase(c)
    whens = []
    w = c[1]
    while w && w.type == :WHEN
      whens << "(when (#{list(w.children[0]).join(' ')}) #{n(w.children[1])})"
      w = w.children[2]
    end
    join('case', [n(c[0]), *whens, n(w)])
  end

  def rescues(c)
    out = [n(c[0])]
    r = c[1]
    while r
      classes, inner, following = r.children
      name, inner = rescue_name(inner)
      out << "(on (#{list(classes).join(' ')}) #{name} #{inner})"
      r = following
    end
    out << n(c[2])
    join('rescue', out)
  end

  # rescue_name takes the assignment of the error from the beginning of a rescue's body.
  def rescue_name(inner)
    first = inner && inner.type == :BLOCK ? inner.children[0] : inner
    value = first && first.children.last
    if first && first.type == :ATTRASGN
      value = first.children[2].children[0..-2].last if first.children[2]&.type == :LIST
    end
    return ['nil', n(inner)] unless value.is_a?(AST::Node) && value.type == :ERRINFO

    rest = inner.type == :BLOCK ? body(inner.children[1..]) : 'nil'
    name = first.type == :ATTRASGN ? attribute(first.children, list(first.children[2])[0..-2]) : target(first)
    [name, rest]
  end

  # iter gives a call its block. The tree of return a do end has it around the return.
  def iter(x, scope)
    if %i[RETURN BREAK NEXT].include?(x.type)
      return "(#{x.type.to_s.downcase} #{iter(x.children[0], scope)})"
    end

    "#{n(x)[0..-2]} #{block(scope)})"
  end

  def block(scope) = "(block #{params(scope)} #{n(scope)})"

  def params(scope)
    tbl, args, = scope.children
    return '()' unless args

    pre_num, pre_init, opt, first, post_num, post_init, rest, kw, kwrest, blk = args.children
    out = required(tbl[0, pre_num], pre_init)
    at = pre_num
    while opt
      out << "(opt #{opt.children[0].children[0]} #{n(opt.children[0].children[1])})"
      at += 1
      opt = opt.children[1]
    end
    if rest == :NODE_SPECIAL_EXCESSIVE_COMMA
      out << 'comma'
    elsif rest
      out << "(rest #{rest})" unless rest == :*
      at += 1
    end
    at = tbl.index(first) if first && post_num.positive?
    out.concat(required(tbl[at, post_num], post_init))
    while kw
      name, value = kw.children[0].children
      out << (value == :NODE_SPECIAL_REQUIRED_KEYWORD ? "(key #{name})" : "(key #{name} #{n(value)})")
      kw = kw.children[1]
    end
    if kwrest == false
      out << '(keys nil)'
    elsif kwrest && kwrest.children[0] && kwrest.children[0] != :**
      out << "(keys #{kwrest.children[0]})"
    end
    blk ||= :& if tbl.include?(:&)
    out << "(blk #{blk})" if blk
    "(#{out.join(' ')})"
  end

  # required are parameters that must be given; those without a name are taken apart by
  # the assignments of init.
  def required(names, init)
    inits = if init.nil? then []
            elsif init.type == :BLOCK then init.children
            else [init]
            end
    names.map { |name| name.nil? ? targets(inits.shift) : "(req #{name})" }
  end
end

$stdout.binmode
$stdin.binmode
while (size = $stdin.gets)
  text = $stdin.read(size.to_i)
  begin
    status = 'ok'
    out = Normal.new.n(AST.parse(text.force_encoding('UTF-8')))
  rescue SyntaxError => e
    status = 'error'
    out = e.message
  end
  out = out.b
  $stdout.write("#{status} #{out.bytesize}\n", out)
  $stdout.flush
end
