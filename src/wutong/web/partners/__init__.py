"""Partners (合作伙伴); people known (人脉), home ties (乡贤) among them; what local firms seek (企业需求), with a log-in of their own."""
