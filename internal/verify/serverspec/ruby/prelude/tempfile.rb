# A file of the spec's own that nobody else sees: what is written to it stays here, and its
# name is that of no file.
class Tempfile
  @made = 0

  class << self
    def create(*args, **options)
      file = new(*args)
      block_given? ? yield(file) : file
    end

    alias open create

    def number
      @made += 1
    end
  end

  attr_reader :path

  def initialize(name = '', directory = nil, **)
    name, extension = *name
    @path = File.join(directory || Dir.tmpdir, "#{name}proofmark-tempfile-#{Tempfile.number}#{extension}")
    @text = +''
    @at = 0
  end

  def write(*parts)
    text = parts.join
    @text[@at..] = text
    @at += text.length
    text.bytesize
  end

  def <<(part)
    write(part)
    self
  end

  def print(*parts)
    write(*parts)
    nil
  end

  def puts(*lines)
    lines.flatten.each { |line| write(line.to_s.end_with?("\n") ? line : "#{line}\n") }
    nil
  end

  def read
    rest = @text[@at..]
    @at = @text.length
    rest
  end

  def rewind
    @at = 0
  end

  def close(*)
    @at = 0
    nil
  end

  def close!
    nil
  end

  def unlink
    nil
  end

  alias delete unlink

  def size
    @text.bytesize
  end

  def open
    @at = 0
    self
  end

  def flush
    self
  end

  def sync=(value)
    value
  end

  def chmod(_mode)
    0
  end
end
