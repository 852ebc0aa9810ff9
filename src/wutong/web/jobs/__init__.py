"""Background jobs (后台任务): long work beside the pages, with lease, progress, log, cancel and retry; and the outbox (发件箱): messages to
people and groups (站内消息, 邮件, 钉钉 and 企业微信 robots), each sent once."""
