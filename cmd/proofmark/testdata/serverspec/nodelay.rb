# Net::SSH leaves Nagle's algorithm on, which costs 40 ms for each command.
require 'socket'
class Socket
  class << self
    alias tcp_with_delay tcp
    def tcp(*args, **options, &block)
      s = tcp_with_delay(*args, **options, &block)
      s.setsockopt(Socket::IPPROTO_TCP, Socket::TCP_NODELAY, 1) if s.respond_to?(:setsockopt)
      s
    end
  end
end
