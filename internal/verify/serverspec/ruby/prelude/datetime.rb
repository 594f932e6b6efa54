require 'date'
require 'time'

# A Date that knows the time, with its difference from UTC.
class DateTime < Date
  ZONED = /(?:[+-]\d\d:?\d\d|Z|[A-Z]{3,4})(?:\s+\d{4})?\s*\z/
  PARTS = {
    'Y' => '([+-]?\d{1,4})', 'y' => '(\d\d)', 'm' => '(\d\d?)', 'd' => '\s*(\d\d?)', 'e' => '\s*(\d\d?)', 'H' => '(\d\d?)', 'M' => '(\d\d?)', 'S' => '(\d\d?)',
    'b' => '([A-Z]{3,9})', 'B' => '([A-Z]{3,9})', 's' => '(-?\d+)', 'z' => '([+-]\d\d:?\d\d|Z|UTC|GMT)', 'Z' => '([+-]\d\d:?\d\d|Z|UTC|GMT)'
  }.freeze
  private_constant :ZONED, :PARTS

  class << self
    def now
      of(Time.now)
    end

    def parse(text)
      raise Error, 'invalid date' unless text =~ /\d/
      begin
        time = Time.parse(text)
      rescue ArgumentError
        raise Error, 'invalid date'
      end
      of(text =~ ZONED ? time : in_utc(time))
    end
    alias iso8601 parse

    # Of the directives those that PARTS has; any other is Time.strptime's to refuse.
    def strptime(text, format = '%FT%T%z')
      format = format.gsub('%F', '%Y-%m-%d').gsub('%T', '%H:%M:%S').gsub('%R', '%H:%M')
      names = []
      pattern = format.split(/(%.|\s+)/).map do |part|
        if part =~ /\A\s+\z/
          '\s*'
        elsif part.start_with?('%')
          names << part[1]
          PARTS[part[1]] or return Time.strptime(text, format)
        else
          Regexp.escape(part)
        end
      end
      found = /\A\s*#{pattern.join}\z/i.match(text) or raise Error, 'invalid date'
      from_parts(names.zip(found.captures).to_h)
    end

    def from_parts(at)
      return of(Time.at(at['s'].to_i).utc) if at['s']
      zone = at['z'] || at['Z'] || '+00:00'
      zone = '+00:00' if zone =~ /\A(?:Z|UTC|GMT)\z/i
      zone = "#{zone[0, 3]}:#{zone[-2, 2]}"
      month = at['m'] || ABBR_MONTHNAMES.index { |name| name && (at['b'] || at['B'] || 'Jan')[0, 3].casecmp?(name) }
      year = at['Y'] || (at['y'] ? at['y'].to_i + (at['y'].to_i < 69 ? 2000 : 1900) : Time.now.year)
      new(year.to_i, month.to_i, (at['d'] || at['e'] || 1).to_i, at['H'].to_i, at['M'].to_i, at['S'].to_i, zone)
    end
    private :from_parts

    def in_utc(time)
      Time.utc(time.year, time.month, time.day, time.hour, time.min, time.sec)
    end
    private :in_utc

    def of(time)
      made = allocate
      made.instance_variable_set(:@time, time)
      made
    end
  end

  def initialize(year = -4712, month = 1, day = 1, hour = 0, minute = 0, second = 0, offset = '+00:00')
    raise Error, 'invalid date' unless month.between?(1, 12) && day.between?(1, Date.send(:days_in, year, month))
    offset = '+00:00' if offset == 0
    @time = Time.new(year, month, day, hour, minute, second, offset)
  end

  %i[hour min sec].each do |part|
    define_method(part) { @time.send(part) }
  end
  alias minute min
  alias second sec

  def zone
    @time.strftime('%:z')
  end

  def to_time
    @time.dup
  end

  def to_date
    Date.new(year, month, day)
  end

  def to_datetime
    self
  end

  def new_offset(offset = 0)
    offset = '+00:00' if offset == 0
    DateTime.of(@time.getlocal(offset))
  end

  def offset
    @time.strftime('%:z')
  end

  def strftime(format = '%FT%T%:z')
    @time.strftime(format)
  end

  def to_s
    @time.strftime('%FT%T%:z')
  end
  alias iso8601 to_s
  alias xmlschema to_s
  alias rfc3339 to_s

  def >>(other)
    at = super
    DateTime.new(at.year, at.month, at.day, hour, min, sec, zone)
  end

  def -(other)
    return moved(@time - other * DAY) unless other.is_a?(Date)
    seconds = @time - other.to_utc
    seconds % DAY == 0 ? (seconds / DAY).to_i : seconds / DAY
  end

  private

  def moved(time)
    DateTime.of(time)
  end
end

class Time
  def to_datetime
    DateTime.of(self)
  end
end

class Date
  def to_datetime
    DateTime.new(year, month, day)
  end
end
