"""What is noted on a record of any room above: attachments (附件), comments (留言) and duties (待办) with light, reminder and digest;
and the working calendar (工作日历) by which days are reckoned."""
