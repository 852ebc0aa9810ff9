"""Assessment (考核): schemes (考核办法) as dated rule documents, facts (数据), runs (考核核算), objections (申诉), ranking (排名)."""
