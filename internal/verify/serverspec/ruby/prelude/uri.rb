module URI
  class Error < StandardError; end
  class InvalidURIError < Error; end
  class InvalidComponentError < Error; end

  class Generic
    attr_accessor :scheme, :userinfo, :host, :port, :path, :query, :fragment, :opaque

    def initialize(scheme, userinfo, host, port, path, query, fragment, opaque = nil)
      @scheme = scheme
      @userinfo = userinfo
      @host = host
      @port = port || default_port
      @path = path
      @query = query
      @fragment = fragment
      @opaque = opaque
    end

    def default_port
      { 'http' => 80, 'https' => 443, 'ftp' => 21, 'ldap' => 389, 'ws' => 80, 'wss' => 443 }[@scheme]
    end

    def user
      @userinfo && @userinfo.split(':', 2)[0]
    end

    def password
      @userinfo && @userinfo.split(':', 2)[1]
    end

    def hostname
      @host && @host.delete_prefix('[').delete_suffix(']')
    end

    def request_uri
      path = @path.empty? ? '/' : @path
      @query ? "#{path}?#{@query}" : path
    end

    def absolute?
      !@scheme.nil?
    end
    alias absolute absolute?

    def relative?
      !absolute?
    end

    def to_s
      text = +''
      text << "#{@scheme}:" if @scheme
      return text << @opaque if @opaque
      if @host
        text << '//'
        text << "#{@userinfo}@" if @userinfo
        text << @host
        text << ":#{@port}" if @port && @port != default_port
      end
      text << @path
      text << "?#{@query}" if @query
      text << "##{@fragment}" if @fragment
      text
    end

    def inspect
      "#<#{self.class} #{self}>"
    end

    def ==(other)
      other.class == self.class && to_s == other.to_s
    end
  end

  class HTTP < Generic; end
  class HTTPS < HTTP; end
  class FTP < Generic; end
  class File < Generic; end

  PATTERN = /\A(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/(?:([^\/?#@]*)@)?(\[[^\]]*\]|[^\/?#:]*)(?::(\d*))?)?([^?#]*)(?:\?([^#]*))?(?:#(.*))?\z/m

  def self.parse(text)
    text = text.to_s
    raise InvalidURIError, "bad URI(is not URI?): #{text.inspect}" if text =~ /[\s<>"{}|\\^`]/ || text !~ PATTERN
    scheme, user, host, port, path, query, fragment = $1, $2, $3, $4, $5, $6, $7
    scheme = scheme.downcase if scheme
    kind = { 'http' => HTTP, 'https' => HTTPS, 'ftp' => FTP, 'file' => File }.fetch(scheme, Generic)
    port = port.nil? || port.empty? ? nil : port.to_i
    if scheme && host.nil? && !path.start_with?('/')
      return kind.new(scheme, nil, nil, nil, nil, query, fragment, path)
    end
    kind.new(scheme, user, host, port, path, query, fragment)
  end

  def self.join(base, *parts)
    parts.inject(parse(base)) do |uri, part|
      other = parse(part)
      next other if other.scheme
      dir = uri.path.sub(/[^\/]*\z/, '')
      path = other.path.start_with?('/') ? other.path : (dir.empty? ? '/' : dir) + other.path
      uri.class.new(uri.scheme, uri.userinfo, uri.host, uri.port, path, other.query, other.fragment)
    end
  end

  def self.encode_www_form_component(text)
    text.to_s.bytes.map { |b|
      c = b.chr
      if c =~ /[A-Za-z0-9*\-._]/
        c
      elsif c == ' '
        '+'
      else
        format('%%%02X', b)
      end
    }.join
  end

  def self.encode_uri_component(text)
    encode_www_form_component(text).gsub('+', '%20')
  end

  def self.decode_www_form_component(text)
    text.tr('+', ' ').gsub(/%\h\h/) { |m| m[1, 2].hex.chr }.force_encoding('UTF-8')
  end

  def self.encode_www_form(pairs)
    pairs.map { |k, v| "#{encode_www_form_component(k)}=#{encode_www_form_component(v)}" }.join('&')
  end

  def self.decode_www_form(text)
    text.split('&').map { |pair| pair.split('=', 2).map { |part| decode_www_form_component(part) } }
  end

  def self.extract(text, _schemes = nil)
    text.scan(/[a-z][a-z0-9+.-]*:\/\/[^\s<>"]+/i)
  end

  def self.regexp(schemes = nil)
    schemes ? /(?:#{Array(schemes).join('|')}):\/\/[^\s]+/ : /[a-z][a-z0-9+.-]*:\/\/[^\s]+/i
  end
end

module Kernel
  def URI(text)
    text.is_a?(URI::Generic) ? text : URI.parse(text)
  end
  private :URI
end
