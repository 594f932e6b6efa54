class Date
  include Comparable

  class Error < ArgumentError; end

  MONTHNAMES = [nil, *%w[January February March April May June July August September October November December]].freeze
  ABBR_MONTHNAMES = MONTHNAMES.map { |m| m && m[0, 3] }.freeze
  DAYNAMES = %w[Sunday Monday Tuesday Wednesday Thursday Friday Saturday].freeze
  ABBR_DAYNAMES = DAYNAMES.map { |d| d[0, 3] }.freeze
  DAY = 86_400

  def self.today
    now = Time.now
    new(now.year, now.month, now.day)
  end

  def self.valid_date?(year, month, day)
    month.between?(1, 12) && day.between?(1, days_in(year, month))
  end

  def self.leap?(year)
    (year % 4).zero? && (year % 100 != 0 || (year % 400).zero?)
  end

  def self.days_in(year, month)
    month == 2 && leap?(year) ? 29 : [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  end
  private_class_method :days_in

  def self.parse(text)
    begin
      time = Time.parse(text)
    rescue ArgumentError
      raise Error, 'invalid date'
    end
    new(time.year, time.month, time.day)
  end

  def self.iso8601(text)
    raise Error, 'invalid date' unless text =~ /\A\s*(\d{4})-(\d\d)-(\d\d)/
    new($1.to_i, $2.to_i, $3.to_i)
  end

  def initialize(year = -4712, month = 1, day = 1)
    month += 13 if month < 0
    raise Error, 'invalid date' unless month.between?(1, 12)
    last = Date.send(:days_in, year, month)
    day += last + 1 if day < 0
    raise Error, 'invalid date' unless day.between?(1, last)
    @time = Time.utc(year, month, day)
  end

  %i[year month mon day mday wday yday].each do |part|
    define_method(part) { @time.send(part) }
  end

  DAYNAMES.each do |name|
    define_method("#{name.downcase}?") { @time.strftime('%A') == name }
  end

  def leap?
    Date.leap?(year)
  end

  def +(other)
    moved(@time + other * DAY)
  end

  def -(other)
    return moved(@time - other * DAY) unless other.is_a?(Date)
    ((@time - other.to_utc) / DAY).to_i
  end

  def >>(other)
    total = year * 12 + month - 1 + other
    y = total.div(12)
    m = total % 12 + 1
    Date.new(y, m, [day, Date.send(:days_in, y, m)].min)
  end

  def <<(other)
    self >> -other
  end

  def next_day(n = 1)
    self + n
  end

  def prev_day(n = 1)
    self - n
  end

  def next_month(n = 1)
    self >> n
  end

  def prev_month(n = 1)
    self << n
  end

  def next_year(n = 1)
    self >> 12 * n
  end

  def prev_year(n = 1)
    self << 12 * n
  end

  def succ
    self + 1
  end
  alias next succ

  def <=>(other)
    other.is_a?(Date) ? @time <=> other.to_utc : nil
  end

  def ==(other)
    other.is_a?(Date) && @time == other.to_utc
  end

  def eql?(other)
    self == other
  end

  def hash
    @time.hash
  end

  def strftime(format = '%F')
    @time.strftime(format)
  end

  def to_s
    @time.strftime('%F')
  end
  alias iso8601 to_s
  alias xmlschema to_s

  def inspect
    seconds = @time.to_i
    "#<#{self.class}: #{self} ((#{seconds.div(DAY) + 2_440_588}j,#{seconds % DAY}s,#{@time.nsec}n),+#{@time.utc_offset}s,2299161j)>".sub('+-', '-')
  end

  def to_date
    self
  end

  def to_time
    now = Time.now
    Time.new(year, month, day, 0, 0, 0, now.strftime('%:z'))
  end

  protected

  def to_utc
    @time
  end

  private

  def moved(time)
    Date.new(time.year, time.month, time.day)
  end
end

class Time
  def to_date
    Date.new(year, month, day)
  end
end
