from support import QUICKLY, Ec2TestCase, client

LAUNCH = {"ImageId": "ami-12345678", "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}


class Instances(Ec2TestCase):
    def test_1_identity_and_network(self):
        identity = client("sts").get_caller_identity()
        self.assertEqual(identity["Account"], "111122223333")
        [vpc] = self.ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
        subnets = list(self.resource.Vpc(vpc["VpcId"]).subnets.all())
        self.assertTrue(subnets)
        self.assertEqual([subnet.vpc_id for subnet in subnets], [vpc["VpcId"]] * len(subnets))
        groups = self.resource.Vpc(vpc["VpcId"]).security_groups.all()
        self.assertIn("default", [group.group_name for group in groups])

    def test_2_launch(self):
        group = self.resource.create_security_group(GroupName="app", Description="runs")
        launched = self.resource.create_instances(
            **{**LAUNCH, "MaxCount": 7},
            SecurityGroupIds=[group.id],
            TagSpecifications=[
                {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "app"}]}
            ],
        )
        self.assertEqual(len(launched), 7)
        waiter = self.ec2.get_waiter("instance_running")
        waiter.wait(InstanceIds=[one.id for one in launched], WaiterConfig=QUICKLY)
        waiter = self.ec2.get_waiter("instance_status_ok")
        waiter.wait(InstanceIds=[one.id for one in launched], WaiterConfig=QUICKLY)
        first = launched[0]
        first.reload()
        self.assertEqual(first.state["Name"], "running")
        self.assertEqual(first.security_groups, [{"GroupId": group.id, "GroupName": "app"}])
        self.assertRegex(first.private_ip_address, r"^10\.0\.[12]\.")
        [interface] = first.network_interfaces
        interface.reload()
        self.assertEqual(interface.attachment["InstanceId"], first.id)

    def test_3_pages_and_filters(self):
        running = [{"Name": "tag:Name", "Values": ["app"]}]
        paginator = self.ec2.get_paginator("describe_instances")
        pages = list(paginator.paginate(Filters=running, PaginationConfig={"PageSize": 5}))
        sizes = [sum(len(one["Instances"]) for one in page["Reservations"]) for page in pages]
        self.assertEqual(sizes, [5, 2])
        found = self.resource.instances.filter(Filters=running)
        self.assertEqual(len(list(found)), 7)

    def test_4_idempotent_launch(self):
        first, again = (
            self.ec2.run_instances(**LAUNCH, ClientToken="rampart")["Instances"][0] for _ in range(2)
        )
        self.assertEqual(first["InstanceId"], again["InstanceId"])
        self.ec2.terminate_instances(InstanceIds=[first["InstanceId"]])

    def test_5_refusals(self):
        unknown = "i-0123456789abcdef0"
        self.refused(
            "InvalidInstanceID.NotFound",
            self.ec2.terminate_instances,
            f"The instance ID '{unknown}' does not exist",
            InstanceIds=[unknown],
        )
        self.refused(
            "InvalidGroup.NotFound", self.ec2.run_instances, **LAUNCH, SecurityGroups=["nobody"]
        )
        self.refused("DryRunOperation", self.ec2.run_instances, status=412, **LAUNCH, DryRun=True)
        wrong = client(aws_secret_access_key="wrong", aws_access_key_id="AKIDEXAMPLE12345")
        self.refused("SignatureDoesNotMatch", wrong.describe_instances, status=403)
        nobody = client(aws_secret_access_key="wrong", aws_access_key_id="AKIDNOBODY123456")
        self.refused("AuthFailure", nobody.describe_instances, status=401)

    def test_6_the_end(self):
        found = self.resource.instances.filter(Filters=[{"Name": "tag:Name", "Values": ["app"]}])
        ids = [one.id for one in found]
        ended = self.ec2.terminate_instances(InstanceIds=ids)["TerminatingInstances"]
        self.assertEqual({one["PreviousState"]["Name"] for one in ended}, {"running"})
        waiter = self.ec2.get_waiter("instance_terminated")
        waiter.wait(InstanceIds=ids, WaiterConfig=QUICKLY)
        self.ec2.delete_security_group(GroupName="app")
