# recorded: this crontab made cron 3.0pl1-162 (Debian 12) log debian-12-default.log
* * * * * root   echo "system pid=$$ ppid=$PPID" >> /tmp/probe/pids; tr '\0' '|' </proc/$$/cmdline >> /tmp/probe/pids; echo >>/tmp/probe/pids
* * * * * root	cat > /tmp/probe/pct; date +\%F >>/tmp/probe/pct  % line1 \% x%line2
