# recorded: this crontab made cron 3.0pl1-162 (Debian 12) log debian-12-backslashes.log
* * * * * root echo one \ two \\ four \\\\ esc \% dbl \\% rest
