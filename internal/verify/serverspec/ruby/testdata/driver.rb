# Runs the snippets that stand in standard input as a JSON array, each in a process of
# its own, and prints a JSON array of what they print.
require 'json'
outputs = JSON.parse($stdin.read).map do |code|
  reader, writer = IO.pipe
  pid = fork do
    reader.close
    $stdout.reopen(writer)
    $stderr.reopen('/dev/null')
    $0 = 'rspec'
    begin
      Timeout rescue nil
      eval(code, TOPLEVEL_BINDING, 'main.rb', 1)
    rescue SystemExit, StandardError, ScriptError, SystemStackError, UncaughtThrowError => e
      $stdout.puts "uncaught #{e.class}: #{e.message}"
    end
    $stdout.flush
    exit!(0)
  end
  writer.close
  text = reader.read
  Process.wait(pid)
  text
end
puts JSON.generate(outputs)
