from support import QUICKLY, Ec2TestCase


def tcp(port, **peers):
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **peers}


ANYONE = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


class GroupsAndRules(Ec2TestCase):
    def test_1_a_group_with_tags(self):
        created = self.ec2.create_security_group(
            GroupName="web",
            Description="They serve & answer",
            TagSpecifications=[
                {"ResourceType": "security-group", "Tags": [{"Key": "team", "Value": "<ünï>"}]}
            ],
        )
        self.assertRegex(created["GroupId"], "^sg-[0-9a-f]{17}$")
        self.assertEqual(created["Tags"], [{"Key": "team", "Value": "<ünï>"}])
        waiter = self.ec2.get_waiter("security_group_exists")
        waiter.wait(GroupIds=[created["GroupId"]], WaiterConfig=QUICKLY)
        [group] = self.ec2.describe_security_groups(GroupNames=["web"])["SecurityGroups"]
        self.assertEqual(group["Description"], "They serve & answer")
        self.assertEqual(group["IpPermissions"], [])

    def test_2_rules_by_the_resource_interface(self):
        [web] = self.resource.security_groups.filter(GroupNames=["web"])
        db = self.resource.create_security_group(GroupName="db", Description="keeps")
        web.authorize_ingress(IpPermissions=[tcp(80, **ANYONE)])
        db.authorize_ingress(
            IpPermissions=[tcp(5432, UserIdGroupPairs=[{"GroupId": web.id, "Description": "sql"}])]
        )
        db.revoke_egress(IpPermissions=db.ip_permissions_egress)
        db.reload()
        self.assertEqual(db.ip_permissions_egress, [])
        [permission] = db.ip_permissions
        [pair] = permission["UserIdGroupPairs"]
        self.assertEqual((pair["GroupId"], pair["Description"]), (web.id, "sql"))
        db.create_tags(Tags=[{"Key": "Name", "Value": "databases"}])
        tags = self.ec2.describe_tags(Filters=[{"Name": "value", "Values": ["databases"]}])["Tags"]
        self.assertEqual([tag["ResourceId"] for tag in tags], [db.id])

    def test_3_rules_by_their_ids(self):
        filters = [{"Name": "group-id", "Values": [self.group_id("web")]}]
        rules = self.ec2.describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
        [http] = [rule for rule in rules if not rule["IsEgress"]]
        changed = {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8081, "CidrIpv6": "2001:db8::/32"}
        self.refused(
            "InvalidParameterCombination",
            self.ec2.modify_security_group_rules,
            GroupId=http["GroupId"],
            SecurityGroupRules=[
                {
                    "SecurityGroupRuleId": http["SecurityGroupRuleId"],
                    "SecurityGroupRule": {**changed, "CidrIpv4": "0.0.0.0/0"},
                }
            ],
        )
        changed = {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8081, "CidrIpv4": "192.0.2.0/24"}
        self.ec2.modify_security_group_rules(
            GroupId=http["GroupId"],
            SecurityGroupRules=[
                {"SecurityGroupRuleId": http["SecurityGroupRuleId"], "SecurityGroupRule": changed}
            ],
        )
        [rule] = self.ec2.describe_security_group_rules(
            SecurityGroupRuleIds=[http["SecurityGroupRuleId"]]
        )["SecurityGroupRules"]
        self.assertEqual({name: rule[name] for name in changed}, changed)
        revoked = self.ec2.revoke_security_group_ingress(
            GroupId=http["GroupId"], SecurityGroupRuleIds=[http["SecurityGroupRuleId"]]
        )
        self.assertTrue(revoked["Return"])

    def test_4_pages(self):
        for number in range(11):
            self.ec2.create_security_group(GroupName=f"many-{number}", Description="many")
        pages = list(
            self.ec2.get_paginator("describe_security_groups").paginate(
                Filters=[{"Name": "group-name", "Values": ["many-*"]}],
                PaginationConfig={"PageSize": 5},
            )
        )
        self.assertEqual([len(page["SecurityGroups"]) for page in pages], [5, 5, 1])
        names = [group["GroupName"] for page in pages for group in page["SecurityGroups"]]
        self.assertEqual(sorted(names), sorted(f"many-{number}" for number in range(11)))

    def test_5_a_prefix_list_as_peer(self):
        prefix_list = self.ec2.create_managed_prefix_list(
            PrefixListName="offices",
            MaxEntries=5,
            AddressFamily="IPv6",
            Entries=[{"Cidr": "2001:db8:1::/48", "Description": "first"}],
        )["PrefixList"]
        named = {"PrefixListIds": [{"PrefixListId": prefix_list["PrefixListId"]}]}
        web = self.group_id("web")
        self.ec2.authorize_security_group_ingress(GroupId=web, IpPermissions=[tcp(443, **named)])
        self.ec2.modify_managed_prefix_list(
            PrefixListId=prefix_list["PrefixListId"],
            CurrentVersion=prefix_list["Version"],
            AddEntries=[{"Cidr": "2001:db8:2::/48"}],
        )
        paginator = self.ec2.get_paginator("get_managed_prefix_list_entries")
        entries = paginator.paginate(PrefixListId=prefix_list["PrefixListId"]).build_full_result()
        cidrs = sorted(entry["Cidr"] for entry in entries["Entries"])
        self.assertEqual(cidrs, ["2001:db8:1::/48", "2001:db8:2::/48"])
        self.ec2.revoke_security_group_ingress(GroupId=web, IpPermissions=[tcp(443, **named)])
        self.ec2.delete_managed_prefix_list(PrefixListId=prefix_list["PrefixListId"])

    def test_6_refusals(self):
        web = self.group_id("web")
        self.refused(
            "InvalidGroup.Duplicate",
            self.ec2.create_security_group,
            GroupName="web",
            Description="again",
        )
        self.ec2.authorize_security_group_ingress(GroupId=web, IpPermissions=[tcp(80, **ANYONE)])
        self.refused(
            "InvalidPermission.Duplicate",
            self.ec2.authorize_security_group_ingress,
            '"peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW" already exists',
            GroupId=web,
            IpPermissions=[tcp(80, **ANYONE)],
        )
        self.refused(
            "DryRunOperation",
            self.ec2.revoke_security_group_ingress,
            status=412,
            GroupId=web,
            IpPermissions=[tcp(80, **ANYONE)],
            DryRun=True,
        )
        self.refused("DependencyViolation", self.ec2.delete_security_group, web, GroupId=web)
        self.refused("CannotDelete", self.ec2.delete_security_group, GroupName="default")

    def test_7_the_end(self):
        for name in ("db", "web"):
            self.ec2.delete_security_group(GroupName=name)
        self.refused("InvalidGroup.NotFound", self.ec2.delete_security_group, GroupName="web")

    def group_id(self, name):
        return self.ec2.describe_security_groups(GroupNames=[name])["SecurityGroups"][0]["GroupId"]
