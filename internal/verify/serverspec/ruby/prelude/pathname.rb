class Pathname
  include Comparable

  def self.pwd
    new(Dir.pwd)
  end

  def self.glob(*args)
    Dir.glob(*args).map { |path| new(path) }
  end

  def initialize(path)
    @path = path.to_s.dup
  end

  def to_s
    @path.dup
  end
  alias to_path to_s
  alias to_str to_s

  def inspect
    "#<Pathname:#{@path}>"
  end

  def ==(other)
    other.is_a?(Pathname) && @path == other.to_s
  end
  alias eql? ==
  alias === ==

  def hash
    @path.hash
  end

  def <=>(other)
    other.is_a?(Pathname) ? @path <=> other.to_s : nil
  end

  def +(other)
    other = other.to_s
    return Pathname.new(other) if other.start_with?('/')
    Pathname.new(File.join(@path, other)).cleanpath_if_dots(other)
  end
  alias / +

  def cleanpath_if_dots(added)
    added.include?('..') || added == '.' ? cleanpath : self
  end
  protected :cleanpath_if_dots

  def join(*parts)
    parts.inject(self) { |path, part| path + part }
  end

  def cleanpath
    absolute = @path.start_with?('/')
    parts = []
    @path.split('/').each do |part|
      next if part.empty? || part == '.'
      if part == '..' && !parts.empty? && parts.last != '..'
        parts.pop
      elsif part != '..' || !absolute
        parts << part
      end
    end
    text = (absolute ? '/' : '') + parts.join('/')
    Pathname.new(text.empty? ? '.' : text)
  end

  def parent
    self + '..'
  end

  def dirname
    Pathname.new(File.dirname(@path))
  end

  def basename(*args)
    Pathname.new(File.basename(@path, *args))
  end

  def extname
    File.extname(@path)
  end

  def expand_path(*args)
    Pathname.new(File.expand_path(@path, *args))
  end

  def realpath(*args)
    Pathname.new(File.realpath(@path, *args))
  end

  def absolute?
    @path.start_with?('/')
  end

  def relative?
    !absolute?
  end

  def root?
    @path.squeeze('/') == '/'
  end

  def exist?
    File.exist?(@path)
  end

  def file?
    File.file?(@path)
  end

  def directory?
    File.directory?(@path)
  end

  def symlink?
    File.symlink?(@path)
  end

  def readable?
    File.readable?(@path)
  end

  def executable?
    File.executable?(@path)
  end

  def size
    File.size(@path)
  end

  def read(*args)
    File.read(@path, *args)
  end

  def write(text, **opts)
    File.write(@path, text, **opts)
  end
  alias binwrite write

  def binread(*args)
    File.binread(@path, *args)
  end

  def open(*args, &block)
    File.open(@path, *args, &block)
  end

  def delete
    directory? ? Dir.rmdir(@path) : File.delete(@path)
  end
  alias unlink delete

  def rmdir
    Dir.rmdir(@path)
  end

  def mkdir(*args)
    Dir.mkdir(@path, *args)
  end

  def mkpath
    FileUtils.mkdir_p(@path)
    self
  end

  def rmtree
    FileUtils.rm_rf(@path)
    self
  end

  def readlink
    Pathname.new(File.readlink(@path))
  end

  def stat
    File.stat(@path)
  end

  def zero?
    File.zero?(@path)
  end

  def writable?
    File.writable?(@path)
  end

  def mtime
    File.mtime(@path)
  end

  def fnmatch?(pattern, *flags)
    File.fnmatch?(pattern, @path, *flags)
  end

  def each_child(&block)
    children.each(&block)
  end

  def readlines(*args, **opts)
    File.readlines(@path, *args, **opts)
  end

  def each_line(&block)
    File.foreach(@path, &block)
  end

  def children
    Dir.children(@path).sort.map { |name| self + name }
  end

  def entries
    Dir.entries(@path).map { |name| Pathname.new(name) }
  end

  def glob(pattern)
    Dir.glob(File.join(@path, pattern)).map { |path| Pathname.new(path) }
  end

  def each_filename(&block)
    @path.split('/').reject(&:empty?).each(&block)
  end

  def sub(*args, &block)
    Pathname.new(@path.sub(*args, &block))
  end

  def sub_ext(ext)
    Pathname.new(@path.delete_suffix(extname) + ext)
  end

  def relative_path_from(base)
    to = cleanpath.to_s.split('/')
    from = Pathname.new(base).cleanpath.to_s.split('/')
    while !to.empty? && to.first == from.first
      to.shift
      from.shift
    end
    parts = from.reject { |p| p == '.' }.map { '..' } + to
    Pathname.new(parts.empty? ? '.' : parts.join('/'))
  end
end

module Kernel
  def Pathname(path)
    path.is_a?(Pathname) ? path : Pathname.new(path)
  end
  private :Pathname
end
