using k8s;
using k8s.Models;

namespace Http.Server.Documentation.Tests;

/// <summary><c>docs/deploy/kubernetes.yaml</c>, read by the types of Kubernetes' own client: a field that there is not is an error.</summary>
public sealed class KubernetesTests
{
    private static readonly List<object> All = KubernetesYaml.LoadAllFromString(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "../../../../../docs/deploy/kubernetes.yaml")), strict: true);

    [Fact]
    public void There_is_one_of_each() => Assert.Equal(
        [typeof(V1Deployment), typeof(V1Service), typeof(V2HorizontalPodAutoscaler), typeof(V1PodDisruptionBudget), typeof(V1Ingress)], All.Select(static one => one.GetType()));

    [Fact]
    public void A_misspelt_field_would_be_an_error() => Assert.ThrowsAny<Exception>(
        static () => KubernetesYaml.LoadAllFromString("apiVersion: v1\nkind: Service\nspec: { selektor: { app: site } }\n", strict: true));

    [Fact]
    public void What_lives_and_what_is_ready_are_asked_apart()
    {
        var container = Container();
        Assert.Equal(("/livez", "/livez", "/healthz"),
            (container.LivenessProbe.HttpGet.Path, container.StartupProbe.HttpGet.Path, container.ReadinessProbe.HttpGet.Path));
        var image = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "../../../../../docs/deploy/Containerfile"));
        Assert.Contains("\"--health\", \"/healthz\", \"--liveness\", \"/livez\"", image, StringComparison.Ordinal);
    }

    [Fact]
    public void The_drain_ends_long_before_the_pod_is_killed_and_after_its_endpoint_is_gone()
    {
        var container = Container();
        var drain = int.Parse(container.Args[container.Args.IndexOf("--drain") + 1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(One<V1Deployment>().Spec.Template.Spec.TerminationGracePeriodSeconds >= drain + 30);
        Assert.True(drain >= 2 * container.ReadinessProbe.PeriodSeconds * container.ReadinessProbe.FailureThreshold);
    }

    [Fact]
    public void A_pod_has_no_rights_and_has_limits()
    {
        var (pod, container) = (One<V1Deployment>().Spec.Template.Spec, Container());
        Assert.True(pod.SecurityContext.RunAsNonRoot);
        Assert.Equal(65532, pod.SecurityContext.RunAsUser);
        Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
        Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
        Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
        Assert.Equal(["cpu", "memory"], container.Resources.Limits.Keys.Order());
    }

    [Fact]
    public void What_names_something_names_what_is_there()
    {
        var deployment = One<V1Deployment>();
        Assert.Equal(deployment.Spec.Selector.MatchLabels, deployment.Spec.Template.Metadata.Labels);
        Assert.Equal(deployment.Spec.Selector.MatchLabels, One<V1Service>().Spec.Selector);
        Assert.Equal(deployment.Spec.Selector.MatchLabels, One<V1PodDisruptionBudget>().Spec.Selector.MatchLabels);
        Assert.Equal(deployment.Metadata.Name, One<V2HorizontalPodAutoscaler>().Spec.ScaleTargetRef.Name);
        var path = Assert.Single(One<V1Ingress>().Spec.Rules[0].Http.Paths);
        Assert.Equal((One<V1Service>().Metadata.Name, One<V1Service>().Spec.Ports[0].Name), (path.Backend.Service.Name, path.Backend.Service.Port.Name));
        Assert.Contains(Container().Ports, port => port.Name == One<V1Service>().Spec.Ports[0].TargetPort.Value);
        Assert.True(One<V2HorizontalPodAutoscaler>().Spec.MinReplicas >= 2);
    }

    private static T One<T>() => Assert.Single(All.OfType<T>());

    private static V1Container Container() => Assert.Single(One<V1Deployment>().Spec.Template.Spec.Containers);
}
