// Package containersuite takes the place of the Go client's own package of this name, which starts
// a broker in a container: its integration tests then talk to the engine.
//
// GATEWAY_ADDRESS and MONITORING_ADDRESS, each host:port, say where it is.
package containersuite

import (
	"net"
	"os"
	"strconv"
	"time"

	"github.com/stretchr/testify/suite"
)

// ContainerSuite has the fields and methods that the tests use.
type ContainerSuite struct {
	WaitTime          time.Duration
	ContainerImage    string
	GatewayAddress    string
	GatewayHost       string
	GatewayPort       int
	MonitoringAddress string
	Env               map[string]string

	suite.Suite
}

// SetupSuite reads where the engine is.
func (s *ContainerSuite) SetupSuite() {
	s.GatewayAddress = os.Getenv("GATEWAY_ADDRESS")
	s.MonitoringAddress = os.Getenv("MONITORING_ADDRESS")
	host, port, err := net.SplitHostPort(s.GatewayAddress)
	s.Require().NoError(err)
	s.GatewayHost = host
	s.GatewayPort, err = strconv.Atoi(port)
	s.Require().NoError(err)
}

// TearDownSuite leaves the engine to whoever started it.
func (s *ContainerSuite) TearDownSuite() {}

// ConsumeLogs gives no line: the tests that wait for a broker's logs are not run.
func (s *ContainerSuite) ConsumeLogs(_ func(string)) {}

// PrintFailedContainerLogs prints nothing: the engine's output is its parent's.
func (s *ContainerSuite) PrintFailedContainerLogs() {}
