"""Ten typical questions, each in KQL for Flowglass and in SQL for DuckDB. Both must answer the same rows."""

# `name`: (KQL, SQL). SQL reads a view `Flows` over the same Parquet files.
QUESTIONS = {
    "top talkers": (
        """Flows
        | summarize Bytes = sum(BytesSrcToDest + BytesDestToSrc) by SrcIp, DestIp
        | top 20 by Bytes desc
        | project Bytes""",
        """SELECT sum(BytesSrcToDest + BytesDestToSrc)::BIGINT AS Bytes FROM Flows
        GROUP BY SrcIp, DestIp ORDER BY Bytes DESC NULLS LAST LIMIT 20""",
    ),
    "denied by rule": (
        """Flows
        | where FlowStatus == "Denied"
        | summarize Tuples = count(), First = min(TimeGenerated), Last = max(TimeGenerated) by AclGroup, AclRule, FlowDirection
        | sort by AclGroup asc, AclRule asc, FlowDirection asc""",
        """SELECT AclGroup, AclRule, FlowDirection, count(*), min(TimeGenerated), max(TimeGenerated) FROM Flows
        WHERE FlowStatus = 'Denied' GROUP BY ALL ORDER BY 1, 2, 3""",
    ),
    "port scan": (
        """Flows
        | where FlowStatus == "Denied" and FlowDirection == "Inbound"
        | summarize Ports = dcount(DestPort), Targets = dcount(DestIp) by SrcIp, bin(TimeGenerated, 1h)
        | where Ports > 10
        | sort by SrcIp asc, TimeGenerated asc""",
        """SELECT SrcIp, time_bucket(INTERVAL 1 HOUR, TimeGenerated) AS Hour, count(DISTINCT DestPort) AS Ports,
          count(DISTINCT DestIp) FROM Flows
        WHERE FlowStatus = 'Denied' AND FlowDirection = 'Inbound'
        GROUP BY SrcIp, Hour HAVING Ports > 10 ORDER BY SrcIp, Hour""",
    ),
    "beaconing": (
        """Flows
        | where FlowState == "B" and FlowDirection == "Outbound"
        | project SrcIp, DestIp, DestPort, TimeGenerated
        | sort by SrcIp asc, DestIp asc, DestPort asc, TimeGenerated asc
        | extend Gap = iff(SrcIp == prev(SrcIp) and DestIp == prev(DestIp) and DestPort == prev(DestPort),
            (TimeGenerated - prev(TimeGenerated)) / 1ms, real(null))
        | summarize Times = countif(isnotnull(Gap)), Mean = avg(Gap), Deviation = stdev(Gap) by SrcIp, DestIp, DestPort
        | where Times >= 20 and Deviation < Mean * 0.1
        | sort by SrcIp asc, DestIp asc, DestPort asc""",
        """SELECT SrcIp, DestIp, DestPort, count(Gap) AS Times, avg(Gap) AS Mean, stddev_samp(Gap) AS Deviation FROM (
          SELECT SrcIp, DestIp, DestPort, (epoch_us(TimeGenerated) - epoch_us(lag(TimeGenerated) OVER (
            PARTITION BY SrcIp, DestIp, DestPort ORDER BY TimeGenerated))) / 1000.0 AS Gap
          FROM Flows WHERE FlowState = 'B' AND FlowDirection = 'Outbound')
        GROUP BY SrcIp, DestIp, DestPort HAVING Times >= 20 AND Deviation < Mean * 0.1 ORDER BY 1, 2, 3""",
    ),
    "time chart": (
        """Flows
        | summarize Tuples = count(), Bytes = sum(BytesSrcToDest) by bin(TimeGenerated, 5m), FlowStatus
        | sort by TimeGenerated asc, FlowStatus asc
        | render timechart""",
        """SELECT time_bucket(INTERVAL 5 MINUTE, TimeGenerated) AS Hour, FlowStatus, count(*), sum(BytesSrcToDest)::BIGINT
        FROM Flows GROUP BY ALL ORDER BY Hour, FlowStatus""",
    ),
    "join": (
        """Flows
        | where FlowStatus == "Denied"
        | summarize Denied = count() by SrcIp, DestIp
        | join kind=inner (Flows | where FlowStatus == "Allowed" | summarize Allowed = count() by SrcIp, DestIp) on SrcIp, DestIp
        | project SrcIp, DestIp, Denied, Allowed
        | sort by SrcIp asc, DestIp asc""",
        """SELECT d.SrcIp, d.DestIp, Denied, Allowed
        FROM (SELECT SrcIp, DestIp, count(*) AS Denied FROM Flows WHERE FlowStatus = 'Denied' GROUP BY ALL) d
        JOIN (SELECT SrcIp, DestIp, count(*) AS Allowed FROM Flows WHERE FlowStatus = 'Allowed' GROUP BY ALL) a
          ON d.SrcIp = a.SrcIp AND d.DestIp = a.DestIp
        ORDER BY 1, 2""",
    ),
    "dcount": (
        """Flows
        | summarize Peers = dcount(DestIp), Ports = dcount(DestPort) by SrcIp
        | sort by Peers desc, Ports desc, SrcIp asc
        | take 50""",
        """SELECT SrcIp, count(DISTINCT DestIp) AS Peers, count(DISTINCT DestPort) AS Ports FROM Flows
        GROUP BY SrcIp ORDER BY Peers DESC, Ports DESC, SrcIp LIMIT 50""",
    ),
    "percentile": (
        """Flows
        | where isnotnull(BytesSrcToDest)
        | summarize percentiles(BytesSrcToDest, 50, 95, 99) by DestPort
        | sort by DestPort asc""",
        """SELECT DestPort, quantile_disc(BytesSrcToDest, 0.5), quantile_disc(BytesSrcToDest, 0.95),
          quantile_disc(BytesSrcToDest, 0.99) FROM Flows
        WHERE BytesSrcToDest IS NOT NULL GROUP BY DestPort ORDER BY DestPort""",
    ),
    "has": (
        """Flows
        | where TargetResourceId has "vnet" and AclRuleLogged has "DenyAllInBound"
        | summarize Tuples = count() by DestPort
        | sort by DestPort asc""",
        r"""SELECT DestPort, count(*) FROM Flows
        WHERE regexp_matches(TargetResourceId, '(^|[^a-z0-9])vnet($|[^a-z0-9])', 'i')
          AND regexp_matches(AclRuleLogged, '(^|[^a-z0-9])denyallinbound($|[^a-z0-9])', 'i')
        GROUP BY DestPort ORDER BY DestPort""",
    ),
    "ipv4_is_in_range": (
        """Flows
        | where ipv4_is_in_range(DestIp, "10.0.0.0/22")
        | summarize Tuples = count() by DestPort
        | sort by DestPort asc""",
        r"""SELECT DestPort, count(*) FROM Flows
        WHERE DestIp NOT LIKE '%:%' AND (split_part(DestIp, '.', 1)::UINTEGER * 16777216
          + split_part(DestIp, '.', 2)::UINTEGER * 65536 + split_part(DestIp, '.', 3)::UINTEGER * 256
          + split_part(DestIp, '.', 4)::UINTEGER) // 1024 = 10 * 16777216 // 1024
        GROUP BY DestPort ORDER BY DestPort""",
    ),
}
