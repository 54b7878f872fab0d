"""The small network of the golden maps, the same in every run, and two images."""
import torch

UNITS = 3


class Net(torch.nn.Module):
    """ReLU, ReLU6 and a pooling between two convolutions; each activation is a module of its own."""

    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 6, 3, padding=1)
        self.relu1 = torch.nn.ReLU()
        self.pool = torch.nn.AvgPool2d(2)
        self.conv2 = torch.nn.Conv2d(6, 8, 3, padding=1)
        self.relu2 = torch.nn.ReLU()
        self.gap = torch.nn.AdaptiveAvgPool2d(1)
        self.dense1 = torch.nn.Linear(8, 10)
        self.relu3 = torch.nn.ReLU()
        self.dense2 = torch.nn.Linear(10, UNITS)

    def forward(self, x):
        x = self.pool(self.relu1(self.conv1(x)))
        x = self.gap(self.relu2(self.conv2(x))).flatten(1)
        return self.dense2(self.relu3(self.dense1(x)))


def network():
    """The network and the images (batch, channels, height, width)."""
    torch.manual_seed(7)
    net = Net().eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.mul_(2)
    return net, torch.randn(2, 3, 12, 10)
